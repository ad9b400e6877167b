/** The volumes, which one is looked at, and what is done to them. */
import type { Checkpoint, NewVolume, Volume, VolumeChange } from '../api/types';
import type { Backend } from '../backend/backend';
import { asBackendError, type BackendError } from '../backend/errors';
import { coalesce } from '../logic/coalesce';
import { compareNames, sortVolumes, VOLUME_ORDERS, type VolumeOrder } from '../logic/sorting';
import { remember, remembered } from './remember';

/** From so many changed volumes on, one list is cheaper than single looks. */
const LIST_INSTEAD = 4;

export class Volumes {
  list = $state.raw<Volume[]>([]);
  /** Whether the list has ever been read. */
  loaded = $state(false);
  error = $state.raw<BackendError | null>(null);
  query = $state('');
  order = $state<VolumeOrder>(
    VOLUME_ORDERS.find((order) => order === remembered('order')) ?? 'name',
  );
  selectedId = $state<string | null>(remembered('volume'));

  selected = $derived(this.list.find(({ id }) => id === this.selectedId) ?? null);
  names = $derived(this.list.map(({ name }) => name));
  shown = $derived.by(() => {
    const wanted = this.query.trim().toLocaleLowerCase();
    const found = this.list.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
    return this.order === 'name' ? found : sortVolumes(found, this.order);
  });

  #backend: Backend;
  #changed = new Set<string>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  find = (id: string): Volume | null => this.list.find((volume) => volume.id === id) ?? null;

  select(id: string | null): void {
    this.selectedId = id;
    remember('volume', id);
  }

  putInOrder(order: VolumeOrder): void {
    this.order = order;
    remember('order', order === 'name' ? null : order);
  }

  /** Reads all volumes. */
  async load(): Promise<void> {
    try {
      this.#take(await this.#backend.volumeList());
      this.error = null;
      this.loaded = true;
    } catch (thrown) {
      this.error = asBackendError(thrown);
    }
  }

  #flush = coalesce(async () => {
    const ids = [...this.#changed];
    this.#changed.clear();
    if (ids.length >= LIST_INSTEAD) await this.load();
    else await Promise.all(ids.map((id) => this.#look(id)));
  });

  /** A volume changed: looks at it again soon. */
  changed(id: string): void {
    this.#changed.add(id);
    this.#flush();
  }

  async #look(id: string): Promise<void> {
    try {
      this.put(await this.#backend.volumeGet(id));
    } catch (thrown) {
      // Anything else will be told by whatever the person does next.
      if (asBackendError(thrown).code === 'not-found') this.gone(id);
    }
  }

  /** Takes a volume as it is now into the list. */
  put(volume: Volume): void {
    this.#take([...this.list.filter(({ id }) => id !== volume.id), volume]);
  }

  /** Takes a volume off the list; its neighbour is looked at instead. */
  gone(id: string): void {
    const at = this.list.findIndex((volume) => volume.id === id);
    const neighbour = this.list[at + 1] ?? this.list[at - 1];
    if (id === this.selectedId) this.select(neighbour?.id ?? null);
    this.#take(this.list.filter((volume) => volume.id !== id));
  }

  #take(list: Volume[]): void {
    this.list = list.sort((a, b) => compareNames(a.name, b.name));
    if (this.selected === null) this.select(this.list[0]?.id ?? null);
  }

  async create(created: NewVolume): Promise<Volume> {
    const volume = await this.#backend.volumeCreate(created);
    this.put(volume);
    this.query = '';
    this.select(volume.id);
    return volume;
  }

  /** A new volume that begins with what `volume` holds now, or held at `checkpoint`. */
  async branch(volume: Volume, checkpoint: Checkpoint | null, name: string): Promise<Volume> {
    const made = await (checkpoint === null
      ? this.#backend.volumeClone(volume.id, name)
      : this.#backend.checkpointBranch(volume.id, checkpoint.id, name));
    this.put(made);
    this.query = '';
    this.select(made.id);
    return made;
  }

  async update(id: string, change: VolumeChange): Promise<void> {
    this.put(await this.#backend.volumeUpdate(id, change));
  }

  async delete(id: string): Promise<void> {
    await this.#backend.volumeDelete(id);
    this.gone(id);
  }
}
