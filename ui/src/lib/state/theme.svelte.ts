/** Light, dark, or as the system has it. The choice outlives the window. */
import { remember, remembered } from './remember';

export type Theme = 'system' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export class ThemeChoice {
  choice = $state<Theme>(THEMES.find((theme) => theme === remembered('theme')) ?? 'system');

  constructor() {
    this.#apply();
  }

  /** The next of the three. */
  next(): void {
    this.choose(THEMES[(THEMES.indexOf(this.choice) + 1) % THEMES.length] ?? 'system');
  }

  choose(theme: Theme): void {
    this.choice = theme;
    remember('theme', this.choice === 'system' ? null : this.choice);
    this.#apply();
  }

  #apply(): void {
    const root = document.documentElement;
    if (this.choice === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = this.choice;
  }
}
