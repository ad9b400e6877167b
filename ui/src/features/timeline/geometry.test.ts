import { describe, expect, it } from 'vitest';
import { graphWidth, laneColour, laneWidth, linePath, nodeAt, ROW } from './geometry';

const line = { fromRow: 0, fromLane: 0, toRow: 2, toLane: 0, lane: 0, toPresent: false };

describe('the drawing of the timeline', () => {
  it('has straight lines within a lane', () =>
    expect(linePath(line, 1)).toBe(`M20 ${ROW / 2}V${ROW * 2.5}`));
  it('bends to another lane in the last row before the parent', () =>
    expect(linePath({ ...line, fromLane: 1 }, 2)).toBe(
      `M42 ${ROW / 2}V${ROW * 1.5}C42 ${ROW * 2} 20 ${ROW * 2} 20 ${ROW * 2.5}`,
    ));
  it('stays narrow with many branches', () => {
    expect(graphWidth(1)).toBe(40);
    expect(graphWidth(12)).toBeLessThan(200);
    expect(laneWidth(100)).toBe(8);
  });
  it('repeats its colours', () => expect(laneColour(5)).toBe(laneColour(0)));
  it('puts nodes in the middle of their rows', () => expect(nodeAt(1, 0, 1).y).toBe(ROW * 1.5));
});
