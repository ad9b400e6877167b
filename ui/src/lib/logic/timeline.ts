/**
 * The layout of a volume's history: rows from the newest to the oldest, lanes for branches, and
 * the lines between. It knows no pixels; the view multiplies.
 *
 * The present is a row of its own, above all. Its ancestry is lane 0; every other tip that time
 * went on from takes the first lane that is free down to the row where it branches off.
 */
import type { Checkpoint } from '../api/types';

/** One row: a checkpoint, or the present (`checkpoint` is `null`). */
export interface Row {
  checkpoint: Checkpoint | null;
  lane: number;
}

/** A line from a row down to the row that it grew from. */
export interface Line {
  fromRow: number;
  fromLane: number;
  toRow: number;
  toLane: number;
  /** The lane whose colour it has. */
  lane: number;
  /** Whether it leads to the present. */
  toPresent: boolean;
}

export interface Layout {
  rows: Row[];
  lines: Line[];
  lanes: number;
}

/** Lays out `checkpoints`, which come oldest first, as the engine lists them: parents before children. */
export function layOut(checkpoints: readonly Checkpoint[]): Layout {
  const newestFirst = [...checkpoints].reverse();
  const rowOf = new Map(newestFirst.map(({ id }, index) => [id, index + 1]));
  const parents = parentRows(newestFirst, rowOf);
  const lanes = assignLanes(parents);
  const lines = parents.flatMap((toRow, fromRow): Line[] => {
    if (toRow === null) return [];
    const [fromLane = 0, toLane = 0] = [lanes[fromRow], lanes[toRow]];
    return [{ fromRow, fromLane, toRow, toLane, lane: fromLane, toPresent: fromRow === 0 }];
  });
  const rows = [null, ...newestFirst].map((checkpoint, row) => ({
    checkpoint,
    lane: lanes[row] ?? 0,
  }));
  return { rows, lines, lanes: Math.max(0, ...lanes) + 1 };
}

/** For each row the row of what it grew from; row 0 is the present. */
function parentRows(sorted: Checkpoint[], rowOf: Map<string, number>): (number | null)[] {
  const current = sorted.find((checkpoint) => checkpoint.current);
  const row = (id: string | null | undefined) => (id ? (rowOf.get(id) ?? null) : null);
  return [row(current?.id), ...sorted.map((checkpoint) => row(checkpoint.parent_id))];
}

/** The lane of each row. */
function assignLanes(parents: (number | null)[]): number[] {
  const lanes: (number | undefined)[] = parents.map(() => undefined);
  const takenUntil: number[] = [];
  for (let tip = 0; tip < parents.length; tip++) {
    if (lanes[tip] !== undefined) continue;
    const branch = walk(tip, parents, lanes);
    const last = branch[branch.length - 1] ?? tip;
    // A lane is busy down to the row where its branch joins; without a join, to its own last row.
    const until = parents[last] ?? last;
    let lane = takenUntil.findIndex((end) => end < tip);
    if (tip === 0 || lane < 0) lane = takenUntil.length;
    takenUntil[lane] = lane === 0 ? Number.POSITIVE_INFINITY : until;
    for (const row of branch) lanes[row] = lane;
  }
  return lanes.map((lane) => lane ?? 0);
}

/** The rows from `tip` down to the first that has a lane already. */
function walk(tip: number, parents: (number | null)[], lanes: (number | undefined)[]): number[] {
  const branch: number[] = [];
  for (let row: number | null = tip; row !== null && lanes[row] === undefined;) {
    branch.push(row);
    const next: number | null = parents[row] ?? null;
    row = next !== null && next > row ? next : null;
  }
  return branch;
}
