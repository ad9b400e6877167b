/** The deleted volumes, read when somebody looks at them. */
import type { DeletedVolume, Trash as Deleted, Volume } from '../api/types';
import type { Backend } from '../backend/backend';
import { asBackendError, type BackendError } from '../backend/errors';
import { coalesce } from '../logic/coalesce';

export class Trash {
  volumes = $state.raw<DeletedVolume[]>([]);
  /** For so many days a deleted volume can be brought back. */
  keepDays = $state(0);
  loaded = $state(false);
  error = $state.raw<BackendError | null>(null);

  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    try {
      this.#take(await this.#backend.trashList());
      this.error = null;
    } catch (thrown) {
      this.error = asBackendError(thrown);
    }
  }

  /** Reads it again soon, if anybody has looked at it. */
  changed = coalesce(async () => {
    if (this.loaded) await this.load();
  });

  undelete(id: string): Promise<Volume> {
    return this.#backend.volumeUndelete(id, null);
  }

  async remove(id: string): Promise<void> {
    await this.#backend.trashRemove(id);
    this.volumes = this.volumes.filter((volume) => volume.id !== id);
  }

  async empty(): Promise<void> {
    await this.#backend.trashEmpty();
    this.volumes = [];
  }

  async keep(days: number): Promise<void> {
    this.#take(await this.#backend.trashKeep(days));
  }

  #take(trash: Deleted): void {
    this.volumes = trash.volumes;
    this.keepDays = trash.keep_days;
    this.loaded = true;
  }
}
