/** Which states of a volume are selected to be compared, which two are being looked at, and what of it is shown. */
import type { Checkpoint, DiffKind } from '../api/types';
import { inOrder, type State } from '../logic/diff';

export interface Pair {
  volumeId: string;
  before: Checkpoint;
  after: State;
}

export class Compare {
  /** Ids of the checkpoints that are selected in the timeline: at most two, the one selected last at the end. */
  marks = $state.raw<readonly string[]>([]);
  /** What is compared; `null` while the timeline is shown. */
  pair = $state.raw<Pair | null>(null);
  kind = $state.raw<DiffKind | null>(null);
  query = $state('');

  /** Selects a checkpoint, or not any more; of three the oldest choice goes. */
  toggle(id: string): void {
    const others = this.marks.filter((mark) => mark !== id);
    this.marks = others.length < this.marks.length ? others : [...others, id].slice(-2);
  }

  clear(): void {
    this.marks = [];
  }

  /** Looks at what differs between two states, whichever comes first; `all` are oldest first. */
  open(one: Checkpoint, other: State, all: readonly Checkpoint[]): void {
    const [before, after] = inOrder(one, other, all);
    this.pair = { volumeId: before.volume_id, before, after };
    this.kind = null;
    this.query = '';
    this.marks = [];
  }

  close(): void {
    this.pair = null;
  }

  /** Another volume is looked at. */
  reset(volumeId: string | null): void {
    if (this.pair?.volumeId !== volumeId) this.pair = null;
    this.marks = [];
  }

  /** What is there of a volume has changed: what is gone cannot be compared any more. */
  keepExisting(volumeId: string | null, all: readonly Checkpoint[]): void {
    const ids = new Set(all.map(({ id }) => id));
    this.marks = this.marks.filter((id) => ids.has(id));
    const { pair } = this;
    if (pair === null || pair.volumeId !== volumeId) return;
    if (!ids.has(pair.before.id) || (pair.after && !ids.has(pair.after.id))) this.pair = null;
  }
}
