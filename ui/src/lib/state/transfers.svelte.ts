/** Copies under way and those that have ended, with their pace. */
import type { Transfer } from '../api/types';
import type { Backend } from '../backend/backend';
import { pace, type Pace } from '../logic/progress';

export const isOver = ({ state }: Transfer): boolean => state !== 'queued' && state !== 'running';

export class Transfers {
  list = $state.raw<Transfer[]>([]);
  paces = $state.raw<ReadonlyMap<string, Pace>>(new Map());
  /** Whether the shelf shows its rows. */
  expanded = $state(true);

  running = $derived(this.list.filter((transfer) => !isOver(transfer)));
  failed = $derived(this.list.filter(({ state }) => state === 'failed'));

  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    const list = await this.#backend.transferList();
    this.list = list.sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
    // What has ended before the window was opened is no news.
    this.expanded = this.running.length > 0 || this.failed.length > 0;
  }

  /** A transfer as it stands now; new ones come first. */
  put(transfer: Transfer): void {
    const known = this.list.some(({ id }) => id === transfer.id);
    this.list = known
      ? this.list.map((other) => (other.id === transfer.id ? transfer : other))
      : [transfer, ...this.list];
    const now = pace(this.paces.get(transfer.id), transfer.bytes_done, performance.now());
    this.paces = new Map([...this.paces, [transfer.id, now]]);
    if (!known || transfer.state === 'failed') this.expanded = true;
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
