/** The checkpoints of the volume that is looked at. */
import type { Checkpoint, Deletion, Diff, Volume } from '../api/types';
import type { Backend } from '../backend/backend';
import { asBackendError, type BackendError } from '../backend/errors';
import { coalesce } from '../logic/coalesce';
import { layOut } from '../logic/timeline';

/** So many of the files that a checkpoint changed are named where it is only pointed at. */
const NAMED = 3;

export class Checkpoints {
  volumeId = $state<string | null>(null);
  list = $state.raw<Checkpoint[]>([]);
  loaded = $state(false);
  error = $state.raw<BackendError | null>(null);

  layout = $derived(layOut(this.list));
  names = $derived(this.list.map(({ name }) => name));
  latest = $derived(this.list.at(-1) ?? null);

  #backend: Backend;
  #told: (volumeId: string, list: Checkpoint[]) => void;
  /** What was asked already: what two checkpoints hold never changes. */
  #changes = new Map<string, Diff>();

  /** `told` hears of every list that arrives. */
  constructor(backend: Backend, told: (volumeId: string, list: Checkpoint[]) => void) {
    this.#backend = backend;
    this.#told = told;
  }

  open(volumeId: string | null): void {
    if (volumeId === this.volumeId) return;
    this.volumeId = volumeId;
    this.list = [];
    this.loaded = false;
    this.error = null;
    void this.#read();
  }

  refresh = coalesce(() => this.#read());

  changed(volumeId: string): void {
    if (volumeId === this.volumeId) this.refresh();
  }

  find = (id: string | null): Checkpoint | null => this.list.find((c) => c.id === id) ?? null;

  async #read(): Promise<void> {
    const volumeId = this.volumeId;
    if (volumeId === null) return;
    try {
      const list = await this.#backend.checkpointList(volumeId);
      if (volumeId !== this.volumeId) return;
      this.list = list;
      this.error = null;
      this.loaded = true;
      this.#told(volumeId, list);
    } catch (thrown) {
      if (volumeId === this.volumeId) this.error = asBackendError(thrown);
    }
  }

  /** What a checkpoint changed in what it grew from; `null` for a first one, and when that cannot be told. */
  async changesOf({ volume_id, id, parent_id }: Checkpoint): Promise<Diff | null> {
    if (parent_id === null) return null;
    const pair = `${parent_id} ${id}`;
    try {
      const found =
        this.#changes.get(pair) ??
        (await this.#backend.checkpointDiff(volume_id, parent_id, id, NAMED));
      this.#changes.set(pair, found);
      return found;
    } catch {
      // Who wants to know why compares the two.
      return null;
    }
  }

  async create(volume: Volume, name: string | null): Promise<Checkpoint> {
    const checkpoint = await this.#backend.checkpointCreate(volume.id, name);
    this.changed(volume.id);
    return checkpoint;
  }

  async restore(checkpoint: Checkpoint): Promise<Volume> {
    const volume = await this.#backend.checkpointRestore(checkpoint.volume_id, checkpoint.id);
    this.changed(checkpoint.volume_id);
    return volume;
  }

  async delete(checkpoint: Pick<Checkpoint, 'id' | 'volume_id'>): Promise<Deletion> {
    const { volume_id, id: gone } = checkpoint;
    const done = await this.#backend.checkpointDelete(volume_id, gone);
    this.list = this.list.filter(({ id }) => id !== gone);
    this.changed(volume_id);
    return done;
  }
}
