/** Which checkpoint a branch leaves the line at, where that is not plain from the row below. */
import type { Checkpoint } from '../../lib/api/types';

/** The parent of `checkpoint` when it is not simply the one taken before; `all` are oldest first. */
export function branchOf(checkpoint: Checkpoint, all: readonly Checkpoint[]): Checkpoint | null {
  const at = all.findIndex(({ id }) => id === checkpoint.id);
  const before = all[at - 1];
  if (checkpoint.parent_id === null || before?.id === checkpoint.parent_id) return null;
  return all.find(({ id }) => id === checkpoint.parent_id) ?? null;
}
