import { describe, expect, it } from 'vitest';
import { everyFile, everything, type Page } from './pages';
import type { FileEntry } from '../api/types';

describe('a list that comes page by page', () => {
  it('is told whole, in its order, each page behind the one before', async () => {
    const pages: Record<string, Page<number>> = {
      '': { items: [1, 2], next_cursor: 'b' },
      b: { items: [], next_cursor: 'c' },
      c: { items: [3], next_cursor: null },
    };
    const asked: (string | null)[] = [];
    const all = await everything((cursor) => {
      asked.push(cursor);
      const page = pages[cursor ?? ''];
      return page ? Promise.resolve(page) : Promise.reject(new Error('no such page'));
    });
    expect(all).toEqual([1, 2, 3]);
    expect(asked).toEqual([null, 'b', 'c']);
  });

  it('is not told in part when a page fails', async () => {
    const half = everything<number>((cursor) =>
      cursor === null
        ? Promise.resolve({ items: [1], next_cursor: 'b' })
        : Promise.reject(new Error('the disk has gone')),
    );
    await expect(half).rejects.toThrow('the disk has gone');
  });

  it('keeps what it says of times', async () => {
    const entry = (name: string, modified_at: string) =>
      ({ path: name, name, modified_at, target: null }) as FileEntry;
    const pages = [
      { items: [entry('1', 'a'), entry('2', 'b')], next_cursor: '2' },
      { items: [entry('3', 'a')], next_cursor: null },
    ];
    const files = await everyFile((cursor) =>
      Promise.resolve(pages[cursor === null ? 0 : 1] ?? { items: [], next_cursor: null }),
    );
    expect([0, 1, 2].map((at) => [files.name(at), files.modified(at)])).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
    ]);
  });
});
