import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../api/types';
import { layOut } from './timeline';

/** Checkpoints from `name<parent`, oldest first; `*` marks the one that the present grows from. */
function history(...lines: string[]): Checkpoint[] {
  return lines.map((line, index) => {
    const [name = '', parent] = line.replace('*', '').split('<');
    return {
      id: name,
      volume_id: 'v',
      name,
      status: 'ready',
      parent_id: parent ?? null,
      created_at: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
      automatic: false,
      crash_consistent: false,
      current: line.includes('*'),
      disk_bytes: 0,
    };
  });
}

const drawn = (checkpoints: Checkpoint[]) =>
  layOut(checkpoints).rows.map(({ checkpoint, lane }) => `${checkpoint?.name ?? 'now'}:${lane}`);

describe('the timeline', () => {
  it('of a volume without checkpoints is the present alone', () => {
    const { rows, lines, lanes } = layOut([]);
    expect(rows).toEqual([{ checkpoint: null, lane: 0 }]);
    expect(lines).toEqual([]);
    expect(lanes).toBe(1);
  });

  it('that never went back is one line', () => {
    expect(drawn(history('a', 'b<a', 'c<b*'))).toEqual(['now:0', 'c:0', 'b:0', 'a:0']);
    expect(layOut(history('a', 'b<a', 'c<b*')).lines.map((l) => [l.fromRow, l.toRow])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it('branches where time went on from an older checkpoint', () => {
    const checkpoints = history('a', 'b<a', 'auto<b', 'c<a*');
    expect(drawn(checkpoints)).toEqual(['now:0', 'c:0', 'auto:1', 'b:1', 'a:0']);
    const { lines, lanes } = layOut(checkpoints);
    expect(lanes).toBe(2);
    expect(lines).toContainEqual({
      fromRow: 3,
      fromLane: 1,
      toRow: 4,
      toLane: 0,
      lane: 1,
      toPresent: false,
    });
  });

  it('keeps the present in the first lane when it is the older branch', () =>
    expect(drawn(history('a*', 'b<a', 'auto<b'))).toEqual(['now:0', 'auto:1', 'b:1', 'a:0']));

  it('uses a lane again once its branch has joined', () => {
    const checkpoints = history('a', 'x<a', 'b<a', 'y<b', 'c<b*');
    expect(drawn(checkpoints)).toEqual(['now:0', 'c:0', 'y:1', 'b:0', 'x:1', 'a:0']);
  });

  it('gives branches that overlap lanes of their own', () => {
    const checkpoints = history('a', 'x<a', 'y<a', 'b<a*');
    expect(drawn(checkpoints)).toEqual(['now:0', 'b:0', 'y:1', 'x:2', 'a:0']);
  });

  it('survives a parent that was deleted, and a present without one', () => {
    const checkpoints = history('b<gone', 'c<b');
    const { rows, lines } = layOut(checkpoints);
    expect(rows.map(({ lane }) => lane)).toEqual([0, 1, 1]);
    expect(lines).toHaveLength(1);
  });
});
