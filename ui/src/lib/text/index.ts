/** The texts in the language that is shown. It is chosen once, before anything is drawn. */
import { en, type Messages } from './en';
import { chosenLanguage, systemLanguage, type Language } from './language';

export { chosenLanguage, LANGUAGES, systemLanguage, useLanguage, type Language } from './language';
export type { Messages };

async function textsIn(language: Language): Promise<Messages> {
  if (language === 'de') return (await import('./de')).de;
  if (language === 'ja') return (await import('./ja')).ja;
  return en;
}

export const t: Messages = await textsIn(chosenLanguage() ?? systemLanguage());
