/** The texts in the language that is shown, and what the engine says in it. It is chosen once, before anything is drawn. */
import { en, type Messages } from './en';
import { chosenLanguage, systemLanguage, type Language } from './language';
import type { Translate, Words } from './sentences';

export { chosenLanguage, LANGUAGES, systemLanguage, useLanguage, type Language } from './language';
export type { Messages };

async function textsIn(language: Language): Promise<[Messages, Translate]> {
  if (language === 'de') {
    const engine = engineIn(import('./de/sentences'));
    return [(await import('./de')).de, await engine];
  }
  if (language === 'ja') {
    const engine = engineIn(import('./ja/sentences'));
    return [(await import('./ja')).ja, await engine];
  }
  // The engine speaks English itself.
  return [en, (text) => text];
}

async function engineIn(file: Promise<{ words: Words }>): Promise<Translate> {
  const [{ translator }, { words }] = await Promise.all([import('./sentences'), file]);
  return translator(words);
}

/**
 * The window's own texts, and a sentence of the engine's in the window's language: null when it is not known there. Then it is
 * shown as it is, marked as English.
 */
export const [t, translated]: readonly [Messages, Translate] = await textsIn(
  chosenLanguage() ?? systemLanguage(),
);

/** What the engine says, in the window's language as far as that is known. */
export const told = (text: string): string => translated(text) ?? text;
