import { describe, expect, it } from 'vitest';
import { fuzzy, search } from './fuzzy';

const best = (query: string, ...texts: string[]) =>
  search(query, texts, (text) => text).map(({ item }) => item);

describe('what is looked for', () => {
  it('is found by some of its letters, those at the beginning of words first', () => {
    expect(best('nv', 'Unveil', 'New volume', 'Browse')).toEqual(['New volume', 'Unveil']);
    expect(best('mount', 'Unmount', 'Mount a volume', 'Amounts')[0]).toBe('Mount a volume');
    expect(best('zzz', 'Unmount')).toEqual([]);
  });
  it('may have its words in any order, and other case and marks', () => {
    expect(best('volume new', 'New volume')).toEqual(['New volume']);
    expect(best('uber', 'Über Cairn')).toEqual(['Über Cairn']);
    expect(best('写真', '写真アルバム')).toEqual(['写真アルバム']);
  });
  it('is everything, as it is, when nothing is looked for', () =>
    expect(best(' ', 'b', 'a')).toEqual(['b', 'a']));
  it('tells which letters were meant', () =>
    expect(fuzzy('nv', 'New volume')?.letters).toEqual([0, 4]));
});
