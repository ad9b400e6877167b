/**
 * What a folder has, kept in columns: a hundred thousand files as a hundred thousand objects would take ten times as much memory.
 * An entry becomes an object when somebody looks at it. Folders are never changed in place.
 */
import type { FileEntry } from '../api/types';

/** So many entries are kept as objects after they were looked at: more than are ever in view. */
const MOST_MADE = 500;
/** More paths than that are looked for by one walk through the folder instead of one each. */
const FEW = 32;

/** What many entries have in common. */
type Traits = Pick<FileEntry, 'kind' | 'mode' | 'uid' | 'gid'>;

/** Each value once, and a number that stands for it. */
class Shared<T> {
  readonly values: T[] = [];
  #numbers = new Map<string, number>();

  number(key: string, value: T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.values.push(value) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** Takes entries one after the other, and makes a folder of them. */
export class FolderBuilder {
  #prefix = '';
  /** Finished pieces of the names, and what comes next. */
  #pieces: string[] = [];
  #names: string[] = [];
  #end = 0;
  #ends: number[] = [];
  #sizes: number[] = [];
  #traits: number[] = [];
  #times: number[] = [];
  #targets = new Map<number, string>();
  #sharedTraits = new Shared<Traits>();
  #sharedTimes = new Shared<string>();

  add({ path, name, kind, size, mode, uid, gid, modified_at, target }: FileEntry): void {
    if (target !== null) this.#targets.set(this.#ends.length, target);
    this.#prefix = path.slice(0, path.length - name.length);
    this.#names.push(name);
    this.#end += name.length;
    this.#ends.push(this.#end);
    this.#sizes.push(size);
    const traits = { kind, mode, uid, gid };
    this.#traits.push(this.#sharedTraits.number(`${kind} ${mode} ${uid} ${gid}`, traits));
    this.#times.push(this.#sharedTimes.number(modified_at, modified_at));
  }

  /** Lets go of what a page was made from. */
  endPage(): void {
    this.#pieces.push(this.#names.join(''));
    this.#names = [];
  }

  build(): Folder {
    this.endPage();
    return new Folder({
      prefix: this.#prefix,
      names: this.#pieces.join(''),
      ends: Uint32Array.from(this.#ends),
      sizes: Float64Array.from(this.#sizes),
      traits: Uint32Array.from(this.#traits),
      times: Uint32Array.from(this.#times),
      targets: this.#targets,
      sharedTraits: this.#sharedTraits.values,
      sharedTimes: this.#sharedTimes.values,
    });
  }
}

interface Columns {
  /** What stands before each name in its path. */
  prefix: string;
  /** All names in one, and where each ends. */
  names: string;
  ends: Uint32Array;
  sizes: Float64Array;
  traits: Uint32Array;
  times: Uint32Array;
  targets: ReadonlyMap<number, string>;
  sharedTraits: readonly Traits[];
  sharedTimes: readonly string[];
}

export class Folder {
  readonly length: number;
  #columns: Columns;
  #made = new Map<number, FileEntry>();

  constructor(columns: Columns) {
    this.#columns = columns;
    this.length = columns.ends.length;
  }

  static of(entries: Iterable<FileEntry>): Folder {
    const builder = new FolderBuilder();
    for (const entry of entries) builder.add(entry);
    return builder.build();
  }

  name(index: number): string {
    const { names, ends } = this.#columns;
    return names.slice(this.#begin(index), ends[index]);
  }

  path = (index: number): string => this.#columns.prefix + this.name(index);

  isFolder = (index: number): boolean => this.#traits(index)?.kind === 'directory';

  size = (index: number): number => this.#columns.sizes[index] ?? 0;

  modified(index: number): string {
    const { sharedTimes, times } = this.#columns;
    return sharedTimes[times[index] ?? 0] ?? '';
  }

  /** How long all files are together. */
  get bytes(): number {
    let sum = 0;
    for (let index = 0; index < this.length; index += 1) {
      if (this.#traits(index)?.kind === 'file') sum += this.size(index);
    }
    return sum;
  }

  /** The entry at `index`; asked again soon it is the same object. */
  at(index: number): FileEntry | undefined {
    const traits = this.#traits(index);
    const known = this.#made.get(index);
    if (known !== undefined || traits === undefined) return known;
    if (this.#made.size >= MOST_MADE) this.#made.clear();
    const name = this.name(index);
    const entry = {
      path: this.#columns.prefix + name,
      name,
      ...traits,
      size: this.size(index),
      modified_at: this.modified(index),
      target: this.#columns.targets.get(index) ?? null,
    };
    this.#made.set(index, entry);
    return entry;
  }

  /** Where the entry at `path` is; -1 when nothing is. */
  indexOf(path: string): number {
    const { prefix, names, ends } = this.#columns;
    if (!path.startsWith(prefix)) return -1;
    const name = path.slice(prefix.length);
    let begin = 0;
    for (let index = 0; index < this.length; index += 1) {
      const end = ends[index] ?? 0;
      if (end - begin === name.length && names.startsWith(name, begin)) return index;
      begin = end;
    }
    return -1;
  }

  hasName = (name: string): boolean => this.indexOf(this.#columns.prefix + name) >= 0;

  allNames = (): string[] => Array.from(this.#columns.ends, (_, index) => this.name(index));

  /** Those of `paths` that are there. */
  existing(paths: ReadonlySet<string>): ReadonlySet<string> {
    const there = this.#where(paths);
    return there.length === paths.size ? paths : new Set(there.map((index) => this.path(index)));
  }

  /** Where the entries at `paths` are. */
  #where(paths: ReadonlySet<string>): number[] {
    if (paths.size <= FEW) {
      return [...paths].map((path) => this.indexOf(path)).filter((index) => index >= 0);
    }
    const found: number[] = [];
    for (let index = 0; index < this.length; index += 1) {
      if (paths.has(this.path(index))) found.push(index);
    }
    return found;
  }

  /** The same folder without some entries, and with others. */
  changed(gone: ReadonlySet<string>, added: readonly FileEntry[]): Folder {
    const builder = new FolderBuilder();
    const left = new Set(this.#where(gone));
    for (let index = 0; index < this.length; index += 1) {
      const entry = left.has(index) ? undefined : this.at(index);
      if (entry !== undefined) builder.add(entry);
    }
    for (const entry of added) builder.add(entry);
    return builder.build();
  }

  #begin = (index: number): number => (index === 0 ? 0 : (this.#columns.ends[index - 1] ?? 0));

  #traits(index: number): Traits | undefined {
    const { sharedTraits, traits } = this.#columns;
    return sharedTraits[traits[index] ?? -1];
  }
}

/** One that has nothing, or of which nothing is known yet. */
export const NO_FILES = new FolderBuilder().build();

/** Some of a folder's entries, in an order. What needs only their paths takes them as a list of these. */
export class Listed {
  readonly length: number;
  /** The paths, as a list of them. */
  readonly keys: Keys;
  #folder: Folder;
  #order: Uint32Array;

  constructor(folder: Folder, order: Uint32Array) {
    this.#folder = folder;
    this.#order = order;
    this.length = order.length;
    const path = (index: number) => folder.path(index);
    this.keys = {
      length: order.length,
      at: (place) => {
        const index = order[place];
        return index === undefined ? undefined : path(index);
      },
      indexOf: (key) => this.indexOf(key),
      slice: (first, end) => Array.from(order.subarray(first, end), path),
    };
  }

  at = (place: number): FileEntry | undefined => this.#folder.at(this.#order[place] ?? -1);

  name = (place: number): string | undefined => {
    const index = this.#order[place];
    return index === undefined ? undefined : this.#folder.name(index);
  };

  slice(first: number, end?: number): FileEntry[] {
    const entries: FileEntry[] = [];
    for (const index of this.#order.subarray(first, end)) {
      const entry = this.#folder.at(index);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  /** At which place the entry at `path` stands; -1 when it does not. */
  indexOf(path: string): number {
    const index = this.#folder.indexOf(path);
    return index < 0 ? -1 : this.#order.indexOf(index);
  }

  /** The entries at `paths`, in this order. */
  those(paths: ReadonlySet<string>): FileEntry[] {
    if (paths.size > FEW) {
      const all: FileEntry[] = [];
      for (const index of this.#order) {
        const entry = paths.has(this.#folder.path(index)) ? this.#folder.at(index) : undefined;
        if (entry !== undefined) all.push(entry);
      }
      return all;
    }
    const places = [...paths].map((path) => this.indexOf(path)).filter((place) => place >= 0);
    return places.sort((a, b) => a - b).flatMap((place) => this.at(place) ?? []);
  }
}

/** A list of keys, such as an array of strings. */
export interface Keys {
  readonly length: number;
  at(place: number): string | undefined;
  indexOf(key: string): number;
  slice(first: number, end?: number): string[];
}
