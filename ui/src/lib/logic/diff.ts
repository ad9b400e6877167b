/** What differs between two states of a volume: narrowed, counted, turned round. Plain functions. */
import type { Checkpoint, Diff, DiffEntry, DiffKind } from '../api/types';
import { t } from '../text';
import { base } from './paths';

export const KINDS: readonly DiffKind[] = ['added', 'removed', 'changed', 'renamed'];

/** A state of a volume: a checkpoint, or the present (`null`). */
export type State = Checkpoint | null;

/** How many differ, in all. */
export const total = ({ added, removed, changed, renamed }: Diff): number =>
  added + removed + changed + renamed;

/** Those of one kind (or of any) whose path, or the one before, contains `text`. */
export function narrow(
  entries: readonly DiffEntry[],
  kind: DiffKind | null,
  text: string,
): DiffEntry[] {
  const wanted = text.trim().toLocaleLowerCase();
  const matches = (path: string | null) => path?.toLocaleLowerCase().includes(wanted) ?? false;
  return entries.filter(
    (entry) =>
      (kind === null || entry.kind === kind) &&
      (wanted === '' || matches(entry.path) || matches(entry.from)),
  );
}

/** The same differences, seen from the other side: what going back changes. */
export function reversed(diff: Diff): Diff {
  const opposite = { added: 'removed', removed: 'added', changed: 'changed', renamed: 'renamed' };
  const entries = diff.entries.map((entry) => ({
    ...entry,
    kind: opposite[entry.kind] as DiffKind,
    path: entry.from ?? entry.path,
    from: entry.from === null ? null : entry.path,
    size_before: entry.size_after,
    size_after: entry.size_before,
  }));
  return { ...diff, entries, added: diff.removed, removed: diff.added };
}

/** `2 added, 1 changed: a, b, c …` */
export function summary(diff: Diff): string {
  if (total(diff) === 0) return t.timeline.unchanged;
  const counts = KINDS.filter((kind) => diff[kind] > 0).map((kind) =>
    t.timeline.changes[kind](diff[kind]),
  );
  const names = diff.entries.map(({ path }) => base(path));
  const more = total(diff) > names.length ? ' …' : '';
  return t.timeline.changed(counts.join(', '), names.join(', ') + more);
}

/** Bytes more (or fewer) than before; folders have none. */
export function growth(entry: DiffEntry): number {
  return entry.file_kind === 'directory' ? 0 : (entry.size_after ?? 0) - (entry.size_before ?? 0);
}

/** The path that the entry has in the state before, if it is there. */
export const pathBefore = (entry: DiffEntry): string | null =>
  entry.kind === 'added' ? null : (entry.from ?? entry.path);

/** The path that the entry has in the state after, if it is there. */
export const pathAfter = (entry: DiffEntry): string | null =>
  entry.kind === 'removed' ? null : entry.path;

/** Both in the order of time; `all` are oldest first, and the present comes last. */
export function inOrder(one: State, other: State, all: readonly Checkpoint[]): [Checkpoint, State] {
  const at = (state: State) =>
    state === null ? all.length : all.findIndex(({ id }) => id === state.id);
  const [before, after] = at(one) <= at(other) ? [one, other] : [other, one];
  if (before === null) throw new TypeError('One of the two has to be a checkpoint.');
  return [before, after];
}
