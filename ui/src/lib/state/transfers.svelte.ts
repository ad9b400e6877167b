/** Copies under way and those that have ended, with their pace. */
import type { Transfer } from '../api/types';
import type { Backend } from '../backend/backend';
import { pace, type Pace } from '../logic/progress';

const UNDER_WAY: readonly Transfer['state'][] = ['queued', 'running', 'paused'];

export const isOver = ({ state }: Transfer): boolean => !UNDER_WAY.includes(state);

export class Transfers {
  list = $state.raw<Transfer[]>([]);
  paces = $state.raw<ReadonlyMap<string, Pace>>(new Map());
  /** Whether the shelf shows its rows. */
  expanded = $state(true);

  running = $derived(this.list.filter((transfer) => !isOver(transfer)));
  failed = $derived(this.list.filter(({ state }) => state === 'failed'));
  /** Those that an engine did not live to finish. */
  interrupted = $derived(this.list.filter(({ state }) => state === 'interrupted'));
  paused = $derived(this.list.filter(({ state }) => state === 'paused'));

  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    const list = await this.#backend.transferList();
    this.list = list.sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
    // What has ended before the window was opened is no news.
    this.expanded = this.running.length + this.failed.length + this.interrupted.length > 0;
  }

  /** A transfer as it stands now; new ones come first. */
  put(transfer: Transfer): void {
    const known = this.list.some(({ id }) => id === transfer.id);
    this.list = known
      ? this.list.map((other) => (other.id === transfer.id ? transfer : other))
      : [transfer, ...this.list];
    // What rests has no pace, and gets a new one when it goes on.
    const before = transfer.state === 'running' ? this.paces.get(transfer.id) : undefined;
    const now = pace(before, transfer.bytes_done, performance.now());
    this.paces = new Map([...this.paces, [transfer.id, now]]);
    if (!known || transfer.state === 'failed') this.expanded = true;
  }

  /** It goes on as another one. */
  gone(id: string): void {
    this.list = this.list.filter((transfer) => transfer.id !== id);
  }

  async pause(id: string): Promise<void> {
    await this.#backend.transferPause(id);
  }

  /** Lets it go on, or begins it again: whatever its state asks for. */
  async resume({ id, state }: Transfer): Promise<void> {
    if (state === 'paused' || state === 'interrupted') await this.#backend.transferResume(id);
    else await this.#backend.transferRetry(id);
  }

  async cancel(id: string): Promise<void> {
    await this.#backend.transferCancel(id);
  }

  async clear(): Promise<void> {
    this.list = this.running;
    this.paces = new Map();
    await this.#backend.transferClear();
  }
}
