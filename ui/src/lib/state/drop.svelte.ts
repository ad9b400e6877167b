/**
 * Files dragged over the window: where they would go, what will be said about it, and the copy.
 *
 * Places say what they are by `data-drop-volume` and `data-drop-path`; anywhere else means the
 * folder that is looked at.
 */
import type { Conflict, Volume } from '../api/types';
import type { Backend, DropEvent, Incoming } from '../backend/backend';
import { asBackendError } from '../backend/errors';
import { isArchive, isImportable } from '../logic/exchange';
import { withFreeNames } from '../logic/incoming';
import { join } from '../logic/paths';
import { t } from '../text';
import type { Files } from './files.svelte';
import type { View } from './view.svelte';
import type { Volumes } from './volumes.svelte';

/** Where dropped files would go. */
export interface Target {
  volume: Volume;
  path: string;
}

/** So many names are looked up one by one before a copy; more are not asked about. */
const MOST_LOOKED_UP = 100;

export interface DropParts {
  backend: Backend;
  volumes: Volumes;
  files: Files;
  view: View;
  attempt: (work: () => Promise<void>) => Promise<boolean>;
}

/** What a person calls the place: `photos/2024`. */
export const placeName = ({ volume, path }: Target): string =>
  path === '' ? volume.name : join(volume.name, path);

/** The file, when it is one and nothing else: its name, and the path or the file itself. */
function onlyFile(incoming: Incoming): { name: string; source: string | File } | null {
  const [name, ...others] = incoming.names;
  if (name === undefined || others.length > 0) return null;
  if (incoming.kind === 'clipboard') return null;
  if (incoming.kind === 'files' && incoming.folders.length > 0) return null;
  const source = incoming.kind === 'paths' ? incoming.paths[0] : incoming.files[0]?.file;
  return source === undefined ? null : { name, source };
}

export class Drops {
  /** How many things are dragged over the window; `null` while nothing is. */
  count = $state<number | null>(null);
  target = $state.raw<Target | null>(null);
  /** Whether they are over the list of volumes, where an image or an archive becomes a volume of its own. */
  overList = $state(false);

  active = $derived(this.count !== null);
  /** Why a drop would not work, as a sentence. */
  refusal = $derived.by(() => (this.target === null ? null : this.#refusal(this.target)));

  #parts: DropParts;

  constructor(parts: DropParts) {
    this.#parts = parts;
  }

  handle(event: DropEvent): void {
    if (event.type === 'leave') {
      this.count = null;
      return;
    }
    const place = document.elementFromPoint(event.x, event.y);
    const isList = (place?.closest('[data-drop-new]') ?? null) !== null;
    this.overList = isList && (place?.closest('[data-drop-volume]') ?? null) === null;
    this.target = this.overList ? null : this.#targetAt(place);
    if (event.type === 'over') {
      this.count = event.count;
      return;
    }
    this.count = null;
    const target = this.target;
    void this.#parts.attempt(async () => this.#dropped(await event.incoming, target));
  }

  #targetAt(over: Element | null): Target | null {
    const { volumes, files } = this.#parts;
    const place = over?.closest<HTMLElement>('[data-drop-volume]');
    const volume = volumes.find(place?.dataset['dropVolume'] ?? '') ?? volumes.selected;
    if (volume === null) return null;
    const here = volume.id === files.volumeId ? files.path : '';
    return { volume, path: place?.dataset['dropPath'] ?? here };
  }

  #refusal({ volume }: Target): string | null {
    const { files } = this.#parts;
    return files.readOnly && volume.id === files.volumeId ? t.drop.past : null;
  }

  async #dropped(incoming: Incoming, target: Target | null): Promise<void> {
    const only = onlyFile(incoming);
    if (target === null && only !== null && isImportable(only.name)) {
      this.#parts.view.dialog = { kind: 'import', source: only.source };
      return;
    }
    if (target === null) {
      this.#parts.view.dialog = { kind: 'new-volume', incoming };
      return;
    }
    const refusal = this.#refusal(target);
    if (refusal !== null) throw asBackendError({ code: 'in-use', message: refusal });
    if (only !== null && isArchive(only.name)) {
      const answer = await this.#parts.view.askUnpack(only.name, placeName(target));
      if (answer === null) return;
      if (answer !== 'file') {
        const { volume, path } = target;
        await this.#parts.backend.filesUnpack(volume, incoming, path, answer.conflict);
        return;
      }
    }
    await this.copy(incoming, target);
  }

  /** What was pasted: files of the host as if they were dropped, anything else as a new file. */
  async paste(incoming: Incoming, target: Target): Promise<void> {
    const refusal = this.#refusal(target);
    if (refusal !== null) throw asBackendError({ code: 'in-use', message: refusal });
    if (incoming.kind === 'paths') await this.copy(incoming, target);
    else await this.#copyBeside(incoming, target);
  }

  /** Copies into `target`; asks first when something of the same name is there. */
  async copy(incoming: Incoming, target: Target): Promise<void> {
    const there = await this.#alreadyThere(incoming.names, target);
    let conflict: Conflict = 'fail';
    const [first] = there;
    if (first !== undefined) {
      const answer = await this.#parts.view.ask({
        title: t.drop.conflictTitle(there.length, first),
        body: t.drop.conflictBody(placeName(target)),
        action: t.drop.replace,
        other: t.drop.skip,
        both: t.drop.both,
      });
      if (answer === null) return;
      if (answer === 'both') return this.#copyBeside(incoming, target);
      conflict = answer === 'action' ? 'replace' : 'skip';
    }
    await this.#parts.backend.upload(target.volume, incoming, target.path, conflict);
  }

  /** Copies under free names what is there already. */
  async #copyBeside(incoming: Incoming, { volume, path }: Target): Promise<void> {
    const { backend } = this.#parts;
    const prefix = path === '' ? '' : `${path}/`;
    const folder = { prefix, at: null };
    const taken = (await backend.fileList(volume.id, folder)).allNames();
    await backend.upload(volume, withFreeNames(incoming, taken), path, 'fail');
  }

  /** Which of `names` exist in the folder already. */
  async #alreadyThere(names: string[], { volume, path }: Target): Promise<string[]> {
    const { files, backend } = this.#parts;
    if (volume.id === files.volumeId && path === files.path && files.error === null) {
      return names.filter((name) => files.entries.hasName(name));
    }
    const looks = names.slice(0, MOST_LOOKED_UP).map(async (name) => {
      try {
        await backend.fileStat(volume.id, join(path, name), null);
        return [name];
      } catch {
        // Not there, or not to be seen: the copy itself will say so.
        return [];
      }
    });
    return (await Promise.all(looks)).flat();
  }
}
