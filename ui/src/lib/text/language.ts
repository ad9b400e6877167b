/** Which languages there are, and which one a person wants. */
import { remember, remembered } from '../state/remember';

/** Each under its own name, which everybody who speaks it can read. */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
  { code: 'ja', name: '日本語' },
] as const;

export type Language = (typeof LANGUAGES)[number]['code'];

const known = (code: string | null | undefined): Language | null =>
  LANGUAGES.find((language) => language.code === code)?.code ?? null;

/** The first of the system's languages that there is. */
export function systemLanguage(): Language {
  // Without a window nobody reads: tests are told in English.
  if (typeof window === 'undefined') return 'en';
  for (const wanted of navigator.languages) {
    const language = known(wanted.split('-')[0]?.toLowerCase());
    if (language !== null) return language;
  }
  return 'en';
}

/** The language that was chosen in the settings; `null` for the system's. */
export const chosenLanguage = (): Language | null => known(remembered('language'));

/** Chooses a language; it counts when the window is drawn the next time. */
export const useLanguage = (language: Language | null): void => remember('language', language);
