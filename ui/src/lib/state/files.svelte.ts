/** The folder that is looked at: of one volume, in the present or in a checkpoint. */
import type { Checkpoint, FileEntry } from '../api/types';
import type { Backend } from '../backend/backend';
import { asBackendError, type BackendError } from '../backend/errors';
import { coalesce } from '../logic/coalesce';
import { NO_FILES, type Folder } from '../logic/folder';
import { join, parent, touches } from '../logic/paths';
import { choose, keepExisting, NOTHING, type Selection } from '../logic/selection';
import { arrange, type Order } from '../logic/sorting';

/** How long a folder that is being left stays in view, in milliseconds. */
const PATIENCE = 150;

/** What is listed of a folder. */
type Wanted = Parameters<Backend['fileList']>[1];

export class Files {
  volumeId = $state<string | null>(null);
  path = $state('');
  /** The checkpoint that is looked into, or the present. */
  at = $state.raw<Checkpoint | null>(null);
  entries = $state.raw<Folder>(NO_FILES);
  /** Whether another folder is on its way; refreshes of the same one do not count. */
  loading = $state(false);
  /** Grows with every folder that has arrived: its list begins at the top. */
  arrived = $state(0);
  error = $state.raw<BackendError | null>(null);
  order = $state.raw<Order>({ column: 'name', descending: false });
  filter = $state('');
  selection = $state.raw<Selection>(NOTHING);

  shown = $derived(arrange(this.entries, this.filter, this.order));
  keys = $derived(this.shown.keys);
  chosen = $derived(this.shown.those(this.selection.chosen));
  bytes = $derived(this.entries.bytes);
  readOnly = $derived(this.at !== null);

  #backend: Backend;
  /** Grows with every folder that is opened; late answers for an earlier one are dropped. */
  #visit = 0;
  /** Grows with every change that is made here; a list that was asked for before it is old. */
  #changes = 0;
  /** What is being changed in the folder that is looked at; lists wait for it. */
  #changing: Promise<unknown> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Opens the top folder of a volume, in the present. */
  open(volumeId: string | null): void {
    if (volumeId === this.volumeId && this.at === null) return;
    this.volumeId = volumeId;
    this.at = null;
    this.go('');
  }

  /** Looks into a checkpoint, or at the present again, staying in the same folder. */
  browse(checkpoint: Checkpoint | null): void {
    this.at = checkpoint;
    this.go(this.path);
  }

  /** Opens a folder; `chosen` is the entry that is selected there. */
  go(path: string, chosen: string | null = null): void {
    this.path = path;
    this.filter = '';
    this.selection = chosen === null ? NOTHING : choose(NOTHING, [], chosen, 'only');
    this.error = null;
    this.loading = this.volumeId !== null;
    this.#visit += 1;
    this.#changing = null;
    this.#clearWhenSlow();
    void this.#read();
  }

  /** The old folder stays in view for a moment: most often the new one is there before. */
  #clearWhenSlow(): void {
    const visit = this.#visit;
    setTimeout(() => {
      if (visit === this.#visit && this.loading) this.entries = NO_FILES;
    }, PATIENCE);
  }

  up(): void {
    if (this.path !== '') this.go(parent(this.path), this.path);
  }

  refresh = coalesce(() => this.#read());

  /** Files below `path` of a volume changed. */
  changed(volumeId: string, path: string): void {
    if (volumeId === this.volumeId && this.at === null && touches(path, this.path)) this.refresh();
  }

  async #read(): Promise<void> {
    const visit = this.#visit;
    if (this.volumeId === null) return;
    const folder = {
      prefix: this.path === '' ? '' : `${this.path}/`,
      at: this.at?.id ?? null,
    };
    try {
      const entries = await this.#list(this.volumeId, folder, visit);
      if (visit !== this.#visit) return;
      this.entries = entries;
      if (this.loading) this.arrived += 1;
      this.error = null;
      this.selection = keepExisting(this.selection, entries);
    } catch (thrown) {
      if (visit !== this.#visit) return;
      this.entries = NO_FILES;
      this.error = asBackendError(thrown);
    }
    this.loading = false;
  }

  /** What the folder has after all changes that were made here: an older list would bring rows back. */
  async #list(volumeId: string, folder: Wanted, visit: number): Promise<Folder> {
    for (;;) {
      if (this.#changing !== null) await this.#changing;
      const changes = this.#changes;
      const entries = await this.#backend.fileList(volumeId, folder);
      if (changes === this.#changes || visit !== this.#visit) return entries;
    }
  }

  /** Has lists wait for `work`, which changes the folder. */
  #change<T>(work: Promise<T>): Promise<T> {
    this.#changes += 1;
    this.#changing = Promise.allSettled([this.#changing, work]);
    return work;
  }

  async makeFolder(name: string): Promise<void> {
    const made = this.#backend.fileMkdir(this.#volume(), join(this.path, name));
    const entry = await this.#change(made);
    this.entries = this.entries.changed(new Set([entry.path]), [entry]);
    this.selection = choose(NOTHING, this.keys, entry.path, 'only');
  }

  /** Shows the new name at once, and the old one again when the engine refuses. */
  async rename(entry: FileEntry, name: string): Promise<void> {
    const before = this.entries;
    const to = join(parent(entry.path), name);
    const renamed = { ...entry, name, path: to };
    this.entries = before.changed(new Set([entry.path]), [renamed]);
    this.selection = choose(NOTHING, this.keys, to, 'only');
    try {
      await this.#change(this.#backend.fileRename(this.#volume(), entry.path, to));
    } catch (thrown) {
      this.entries = before;
      this.refresh();
      throw thrown;
    }
  }

  /**
   * Takes the rows away at once; they come back when the engine refuses, which deletes all of them or none. Answers with
   * the checkpoint that still has them.
   */
  async delete(entries: readonly FileEntry[]): Promise<string> {
    const volume = this.#volume();
    const gone = new Set(entries.map(({ path }) => path));
    this.entries = this.entries.changed(gone, []);
    this.selection = NOTHING;
    try {
      const folders = entries.some(({ kind }) => kind === 'directory');
      return await this.#change(this.#backend.filesDelete(volume, [...gone], folders));
    } finally {
      this.refresh();
    }
  }

  #volume(): string {
    if (this.volumeId === null) throw new TypeError('No volume is open.');
    return this.volumeId;
  }
}
