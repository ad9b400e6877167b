import { describe, expect, it } from 'vitest';
import type { Checkpoint, Diff, DiffEntry } from '../api/types';
import { growth, inOrder, narrow, pathAfter, pathBefore, reversed, total } from './diff';

const entry = (change: Partial<DiffEntry>): DiffEntry => ({
  kind: 'changed',
  file_kind: 'file',
  path: 'a',
  from: null,
  size_before: 10,
  size_after: 12,
  content: true,
  metadata: true,
  ...change,
});
const added = entry({ kind: 'added', path: 'photos/New.jpg', size_before: null, size_after: 7 });
const removed = entry({ kind: 'removed', path: 'old', size_before: 5, size_after: null });
const renamed = entry({ kind: 'renamed', path: 'to', from: 'From' });
const diff: Diff = {
  entries: [entry({}), added, removed, renamed],
  added: 1,
  removed: 2,
  changed: 3,
  renamed: 4,
  truncated: true,
};
const checkpoint = (id: string) => ({ id }) as Checkpoint;

describe('what differs between two states', () => {
  it('is counted also where it is not listed', () => expect(total(diff)).toBe(10));

  it('is narrowed by kind and by text, in either path', () => {
    expect(narrow(diff.entries, 'added', '')).toEqual([added]);
    expect(narrow(diff.entries, null, ' new')).toEqual([added]);
    expect(narrow(diff.entries, null, 'from')).toEqual([renamed]);
    expect(narrow(diff.entries, 'removed', 'from')).toEqual([]);
    expect(narrow(diff.entries, null, '  ')).toHaveLength(4);
  });

  it('says what going back would change', () => {
    const back = reversed(diff);
    expect([back.added, back.removed, back.changed, back.renamed]).toEqual([2, 1, 3, 4]);
    expect(back.entries[1]).toMatchObject({ kind: 'removed', size_before: 7, size_after: null });
    expect(back.entries[3]).toMatchObject({ kind: 'renamed', path: 'From', from: 'to' });
    expect(reversed(back)).toEqual(diff);
  });

  it('knows where a thing was and is', () => {
    expect([pathBefore(added), pathAfter(added)]).toEqual([null, 'photos/New.jpg']);
    expect([pathBefore(removed), pathAfter(removed)]).toEqual(['old', null]);
    expect([pathBefore(renamed), pathAfter(renamed)]).toEqual(['From', 'to']);
  });

  it('tells how much a file has grown, and nothing of folders', () => {
    expect(growth(entry({}))).toBe(2);
    expect(growth(removed)).toBe(-5);
    expect(growth(entry({ file_kind: 'directory' }))).toBe(0);
  });
});

describe('two states', () => {
  const [a, b] = [checkpoint('a'), checkpoint('b')];
  it('are put into the order of time, the present last', () => {
    expect(inOrder(b, a, [a, b])).toEqual([a, b]);
    expect(inOrder(null, a, [a, b])).toEqual([a, null]);
  });
  it('cannot both be the present', () => expect(() => inOrder(null, null, [a])).toThrow());
});
