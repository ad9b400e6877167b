/**
 * What goes through mounts, while it is looked at. The engine tells it every second, and asks the
 * machines only while somebody listens: so nobody listens behind a hidden page.
 */
import { withSecond, type History } from '../logic/rates';
import type { Backend } from '../backend/backend';

export class Traffic {
  history = $state.raw<History>(new Map());

  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Listens until what it answers is called. */
  watch(): () => void {
    let listening: AbortController | null = null;
    const stop = () => {
      listening?.abort();
      listening = null;
      this.history = new Map();
    };
    const look = () => {
      if (document.hidden) return stop();
      if (listening !== null) return;
      const own = (listening = new AbortController());
      const told = this.#backend.mountRates((rates) => {
        if (!own.signal.aborted) this.history = withSecond(this.history, rates);
      }, own.signal);
      // A picture that is missing is no failure that a person has to read of.
      told.catch(() => undefined);
    };
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      stop();
    };
  }
}
