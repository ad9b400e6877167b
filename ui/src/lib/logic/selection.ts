/**
 * The selection in a list, as Finder and Explorer have it: chosen keys, the cursor that the
 * keyboard moves, and the anchor from which a range reaches. Values are never changed in place.
 */
import type { Folder, Keys } from './folder';

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  readonly cursor: string | null;
  readonly anchor: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), cursor: null, anchor: null };

/** How a click or key changes the selection. */
export type How = 'only' | 'toggle' | 'range';

/** Chooses `key` of `keys` (in their shown order). */
export function choose(now: Selection, keys: Keys, key: string, how: How): Selection {
  if (how === 'range' && now.anchor !== null) {
    const from = keys.indexOf(now.anchor);
    const to = keys.indexOf(key);
    if (from >= 0 && to >= 0) {
      const range = keys.slice(Math.min(from, to), Math.max(from, to) + 1);
      return { chosen: new Set(range), cursor: key, anchor: now.anchor };
    }
  }
  if (how === 'toggle') {
    const chosen = new Set(now.chosen);
    if (!chosen.delete(key)) chosen.add(key);
    return { chosen, cursor: key, anchor: key };
  }
  return { chosen: new Set([key]), cursor: key, anchor: key };
}

/** Moves the cursor by `by` rows; `range` lets the selection grow from the anchor. */
export function move(now: Selection, keys: Keys, by: number, range: boolean): Selection {
  if (keys.length === 0) return NOTHING;
  const at = now.cursor === null ? -1 : keys.indexOf(now.cursor);
  const start = at < 0 ? (by > 0 ? -1 : keys.length) : at;
  const next = keys.at(Math.min(keys.length - 1, Math.max(0, start + by)));
  return next === undefined ? now : choose(now, keys, next, range ? 'range' : 'only');
}

/** Everything, with the cursor where it was. */
export function chooseAll(now: Selection, keys: Keys): Selection {
  const cursor = now.cursor ?? keys.at(0) ?? null;
  return { chosen: new Set(keys.slice(0)), cursor, anchor: cursor };
}

/** What can be jumped to by typing, such as an array of names. */
interface Names {
  readonly length: number;
  at(place: number): string | undefined;
}

/** The next name that starts with `typed`, from below the cursor and around. */
export function typeAhead(names: Names, from: number, typed: string): number {
  const wanted = typed.toLocaleLowerCase();
  for (let step = 0; step < names.length; step++) {
    const index = (from + step + names.length) % names.length;
    if (names.at(index)?.toLocaleLowerCase().startsWith(wanted)) return index;
  }
  return -1;
}

type Existing = Pick<Folder, 'existing' | 'indexOf'>;

/** The selection without what is no longer in `keys`. */
export function keepExisting(now: Selection, keys: Existing): Selection {
  const stays = (key: string | null) => (key !== null && keys.indexOf(key) >= 0 ? key : null);
  return {
    chosen: keys.existing(now.chosen),
    cursor: stays(now.cursor),
    anchor: stays(now.anchor),
  };
}
