/**
 * What was asked of the engine about a volume, and is asked again when an event says that the volume has changed.
 *
 * For what only one view needs: a plan, a comparison, an account. What many need has a store of its own.
 */
import { asBackendError, type BackendError } from '../backend/errors';
import { coalesce } from '../logic/coalesce';

/** One question, with its newest answer. */
export class Answer<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<BackendError | null>(null);
  /** Whether the first answer is still on its way. */
  loading = $state(true);
  /** While something is being done about it, news would only flicker. */
  held = false;

  #ask: (() => Promise<T>) | null = null;
  /** Grows with every question; late answers to an earlier one are dropped. */
  #asked = 0;

  /** Asks something else from now on. */
  open(ask: () => Promise<T>): void {
    this.#ask = ask;
    this.value = null;
    this.error = null;
    this.loading = true;
    void this.#read();
  }

  /** Takes what came by another way. */
  put(value: T): void {
    this.#asked += 1;
    this.value = value;
    this.error = null;
    this.loading = false;
  }

  refresh = coalesce(() => this.#read());

  async #read(): Promise<void> {
    if (this.#ask === null || this.held) return;
    const asked = ++this.#asked;
    try {
      const value = await this.#ask();
      if (asked === this.#asked && !this.held) this.put(value);
    } catch (thrown) {
      if (asked !== this.#asked || this.held) return;
      this.value = null;
      this.error = asBackendError(thrown);
      this.loading = false;
    }
  }
}

/** The questions that are open now, each about a volume. */
export class Answers {
  #open = new Map<Answer<unknown>, string>();

  /** Keeps an answer fresh until what is returned is called. */
  keep<T>(answer: Answer<T>, volumeId: string): () => void {
    this.#open.set(answer as Answer<unknown>, volumeId);
    return () => this.#open.delete(answer as Answer<unknown>);
  }

  /** A volume changed. */
  changed(volumeId: string): void {
    for (const [answer, about] of this.#open) if (about === volumeId) answer.refresh();
  }

  /** Anything may have changed. */
  refresh(): void {
    for (const answer of this.#open.keys()) answer.refresh();
  }
}
