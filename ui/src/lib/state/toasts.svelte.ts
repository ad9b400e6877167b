/** Messages that come up over the window and go again: sentences with what to do next. */
import { asBackendError } from '../backend/errors';

export type Level = 'success' | 'info' | 'warning' | 'error';

export interface Toast {
  id: number;
  level: Level;
  message: string;
  hint: string | null;
}

/** How long a message stays, in milliseconds; errors stay until they are dismissed. */
const STAYS: Record<Level, number | null> = {
  success: 5000,
  info: 7000,
  warning: 12_000,
  error: null,
};
/** More than that cover the window: the oldest goes. */
const MOST = 4;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;

  show(level: Level, message: string, hint: string | null = null): void {
    // Saying the same twice helps nobody.
    const others = this.list.filter((toast) => toast.message !== message);
    const toast = { id: this.#next++, level, message, hint };
    this.list = [...others, toast].slice(-MOST);
    const stays = STAYS[level];
    if (stays !== null) setTimeout(() => this.dismiss(toast.id), stays);
  }

  /** Shows what was thrown; a cancel needs no words. */
  failure(thrown: unknown): void {
    const error = asBackendError(thrown);
    if (error.code !== 'cancelled') this.show('error', error.message, error.hint);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
