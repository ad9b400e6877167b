import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../api/types';
import { Compare } from './compare.svelte';

const checkpoint = (id: string) => ({ id, volume_id: 'v' }) as Checkpoint;
const [a, b, c] = [checkpoint('a'), checkpoint('b'), checkpoint('c')];
const all = [a, b, c];

describe('what is selected to be compared', () => {
  it('is at most two, and the oldest choice goes', () => {
    const compare = new Compare();
    for (const { id } of all) compare.toggle(id);
    expect(compare.marks).toEqual(['b', 'c']);
    compare.toggle('b');
    expect(compare.marks).toEqual(['c']);
  });

  it('goes with what is deleted', () => {
    const compare = new Compare();
    compare.toggle('a');
    compare.toggle('b');
    compare.keepExisting('v', [b, c]);
    expect(compare.marks).toEqual(['b']);
  });
});

describe('what is compared', () => {
  it('is in the order of time', () => {
    const compare = new Compare();
    compare.open(c, a, all);
    expect(compare.pair).toMatchObject({ before: a, after: c });
    compare.open(b, null, all);
    expect(compare.pair).toMatchObject({ before: b, after: null });
  });

  it('ends when one of the two, or the volume, is gone', () => {
    const compare = new Compare();
    compare.open(a, b, all);
    compare.keepExisting('another', []);
    expect(compare.pair).not.toBeNull();
    compare.keepExisting('v', [a, c]);
    expect(compare.pair).toBeNull();
    compare.open(a, b, all);
    compare.reset('another');
    expect(compare.pair).toBeNull();
  });
});
