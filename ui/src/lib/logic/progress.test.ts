import { describe, expect, it } from 'vitest';
import { pace, secondsLeft } from './progress';

const MIB = 2 ** 20;

describe('the pace of a transfer', () => {
  it('is unknown after one report', () => {
    const first = pace(undefined, 0, 1000);
    expect(first.speed).toBeNull();
    expect(secondsLeft(first, 10 * MIB)).toBeNull();
  });
  it('is bytes over time after two', () => {
    const second = pace(pace(undefined, 0, 1000), 5 * MIB, 2000);
    expect(second.speed).toBe(5 * MIB);
    expect(secondsLeft(second, 10 * MIB)).toBe(1);
  });
  it('pays no heed to reports in quick succession', () => {
    const first = pace(undefined, 0, 1000);
    expect(pace(first, MIB, 1010)).toBe(first);
  });
  it('moves towards the newest speed without jumping to it', () => {
    const steady = pace(pace(undefined, 0, 0), 10 * MIB, 1000);
    const slower = pace(steady, 11 * MIB, 2000);
    expect(slower.speed).toBeLessThan(10 * MIB);
    expect(slower.speed).toBeGreaterThan(MIB);
  });
  it('begins anew when a transfer starts over', () =>
    expect(pace(pace(undefined, 5, 0), 0, 1000).speed).toBeNull());
});
