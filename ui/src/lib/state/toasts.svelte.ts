/** Messages that come up over the window and go again: sentences with what to do next. */
import { asBackendError } from '../backend/errors';

export type Level = 'success' | 'info' | 'warning' | 'error';

export interface Toast {
  id: number;
  level: Level;
  message: string;
  hint: string | null;
  /** What the engine says about it, in its own language. */
  detail: string | null;
  /** What can be done about it; the message goes with it. */
  action: ToastAction | null;
}

/** A button in a message. */
export interface ToastAction {
  label: string;
  run: () => unknown;
}

/** How long a message stays, in milliseconds; errors stay until they are dismissed. */
const STAYS: Record<Level, number | null> = {
  success: 5000,
  info: 7000,
  warning: 12_000,
  error: null,
};
/** One that offers to undo something stays long enough to be read and reached. */
const STAYS_TO_UNDO = 15_000;
/** More than that cover the window: the oldest goes. */
const MOST = 4;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;

  show(
    level: Level,
    message: string,
    hint: string | null = null,
    action: ToastAction | null = null,
    detail: string | null = null,
  ): void {
    // Saying the same twice helps nobody.
    const others = this.list.filter(
      (toast) => toast.message !== message || toast.detail !== detail,
    );
    const toast = { id: this.#next++, level, message, hint, detail, action };
    this.list = [...others, toast].slice(-MOST);
    const stays = action === null ? STAYS[level] : STAYS_TO_UNDO;
    if (stays !== null) setTimeout(() => this.dismiss(toast.id), stays);
  }

  /** Shows what was thrown; a cancel needs no words. */
  failure(thrown: unknown): void {
    const error = asBackendError(thrown);
    if (error.code === 'cancelled') return;
    this.show('error', error.title, error.advice, null, error.detail);
  }

  /** Does what a message offers; it is offered once. */
  act(toast: Toast): void {
    this.dismiss(toast.id);
    toast.action?.run();
  }

  /** Does what the newest message offers, if one offers something. */
  actOnNewest(): boolean {
    const toast = this.list.findLast(({ action }) => action !== null);
    if (toast) this.act(toast);
    return toast !== undefined;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
