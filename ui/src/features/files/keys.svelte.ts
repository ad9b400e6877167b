/** What keys do in the list of files. */
import { deleteFiles, lookAt, openEntry } from '../../lib/actions/files';
import { choose, chooseAll, move, NOTHING, typeAhead } from '../../lib/logic/selection';
import type { App } from '../../lib/state/app.svelte';

/** Letters typed within so many milliseconds belong together. */
const TYPING = 700;

export interface ListControl {
  show(index: number): void;
  /** Rows on a page. */
  page(): number;
  rename(path: string): void;
}

export class FileKeys {
  #app: App;
  #list: ListControl;
  #typed = '';
  #typedAt = 0;

  constructor(app: App, list: ListControl) {
    this.#app = app;
    this.#list = list;
  }

  press(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement) return;
    const done = this.#move(event) || this.#act(event) || this.#type(event);
    if (done) event.preventDefault();
  }

  #move(event: KeyboardEvent): boolean {
    const { files } = this.#app;
    const all = files.keys.length;
    const by: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: this.#list.page(),
      PageUp: -this.#list.page(),
      Home: -all,
      End: all,
    };
    const steps = by[event.key];
    if (steps === undefined || event.altKey || event.ctrlKey) return false;
    files.selection = move(files.selection, files.keys, steps, event.shiftKey);
    return true;
  }

  #act(event: KeyboardEvent): boolean {
    const { files } = this.#app;
    const { cursor } = files.selection;
    const entry = cursor === null ? undefined : files.shown.at(files.keys.indexOf(cursor));
    const control = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && entry && event.altKey) lookAt(this.#app, entry);
    else if (event.key === 'Enter' && entry) openEntry(this.#app, entry);
    else if (event.key === 'Backspace' || (event.altKey && event.key === 'ArrowUp')) files.up();
    else if (event.key === 'Delete') void deleteFiles(this.#app, files.chosen);
    else if (event.key === 'F2' && entry && !files.readOnly) this.#list.rename(entry.path);
    else if (event.key === ' ' && !control && entry && this.#isFresh(event))
      lookAt(this.#app, entry);
    else if (event.key === 'Escape') files.selection = NOTHING;
    else if (control && event.key.toLowerCase() === 'a')
      files.selection = chooseAll(files.selection, files.keys);
    else if (control && event.key === ' ' && cursor !== null)
      files.selection = choose(files.selection, files.keys, cursor, 'toggle');
    else return false;
    return true;
  }

  /** Whether no name is being typed. */
  #isFresh = (event: KeyboardEvent): boolean => event.timeStamp - this.#typedAt > TYPING;

  /** Letters jump to the next name that starts with them. */
  #type(event: KeyboardEvent): boolean {
    // The two that look for something, and list the keys, work here as everywhere.
    if (event.key === '?' || event.key === '/') return false;
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { files } = this.#app;
    const fresh = this.#isFresh(event);
    this.#typed = fresh ? event.key : this.#typed + event.key;
    this.#typedAt = event.timeStamp;
    const at = files.selection.cursor === null ? -1 : files.keys.indexOf(files.selection.cursor);
    // A first letter looks further on; more letters may still mean the row that was found.
    const from = Math.max(0, fresh ? at + 1 : at);
    const { length, name } = files.shown;
    const key = files.keys.at(typeAhead({ length, at: name }, from, this.#typed));
    if (key !== undefined) files.selection = choose(files.selection, files.keys, key, 'only');
    return true;
  }
}
