import { describe, expect, it } from 'vitest';
import type { FileEntry, FileKind, Volume } from '../api/types';
import { crumbs, isWithin, join, parent, touches } from './paths';
import { Folder } from './folder';
import { choose, chooseAll, keepExisting, move, NOTHING, typeAhead } from './selection';
import { arrange, clickColumn, sortVolumes, type Order } from './sorting';
import { page, reveal, visible } from './virtual';

const entry = (name: string, kind: FileKind = 'file', size = 0, day = 1): FileEntry => ({
  path: name,
  name,
  kind,
  size,
  mode: 0o644,
  uid: 0,
  gid: 0,
  modified_at: `2026-01-0${day}T00:00:00Z`,
  target: null,
});
const arranged = (entries: FileEntry[], text: string, order: Order) =>
  arrange(Folder.of(entries), text, order)
    .slice(0)
    .map(({ name }) => name);
const BY_NAME: Order = { column: 'name', descending: false };

describe('volumes', () => {
  it('stand by name, the fullest or the newest first', () => {
    const volume = (name: string, used_bytes: number, created_at: string) =>
      ({ name, used_bytes, created_at }) as Volume;
    const list = [
      volume('b', 1, '2026-02'),
      volume('a10', 9, '2026-01'),
      volume('a2', 1, '2026-03'),
    ];
    const order = (by: 'name' | 'used' | 'created') =>
      sortVolumes(list, by).map(({ name }) => name);
    expect(order('name')).toEqual(['a2', 'a10', 'b']);
    expect(order('used')).toEqual(['a10', 'a2', 'b']);
    expect(order('created')).toEqual(['a2', 'b', 'a10']);
  });
});

describe('paths', () => {
  it('are joined and taken apart', () => {
    expect(join('', 'a')).toBe('a');
    expect(join('a/b', 'c')).toBe('a/b/c');
    expect(parent('a/b/c')).toBe('a/b');
    expect(parent('a')).toBe('');
    expect(crumbs('a/b')).toEqual([
      { name: 'a', path: 'a' },
      { name: 'b', path: 'a/b' },
    ]);
    expect(crumbs('')).toEqual([]);
  });
  it('lie within a folder only at its boundary', () => {
    expect(isWithin('photos2/a', 'photos')).toBe(false);
    expect(isWithin('photos/a', 'photos')).toBe(true);
    expect(isWithin('anything', '')).toBe(true);
  });
  it('are touched by changes above and below', () => {
    expect(touches('', 'a/b')).toBe(true);
    expect(touches('a/b/c', 'a')).toBe(true);
    expect(touches('a/c', 'a/b')).toBe(false);
  });
});

describe('sorting', () => {
  const entries = [
    entry('file10', 'file', 5, 2),
    entry('File2', 'file', 9, 1),
    entry('zoo', 'directory'),
    entry('b', 'file', 5, 3),
  ];
  it('has folders first and counts as people do', () =>
    expect(arranged(entries, '', BY_NAME)).toEqual(['zoo', 'b', 'File2', 'file10']));
  it('by size lets names decide between equals', () =>
    expect(arranged(entries, '', { column: 'size', descending: true })).toEqual([
      'zoo',
      'File2',
      'b',
      'file10',
    ]));
  it('turns round when the same column is clicked again', () => {
    const bySize = clickColumn({ column: 'name', descending: false }, 'size');
    expect(bySize).toEqual({ column: 'size', descending: true });
    expect(clickColumn(bySize, 'size').descending).toBe(false);
  });
  it('can be narrowed by a text, whatever its case', () =>
    expect(arranged(entries, ' FILE ', BY_NAME)).toEqual(['File2', 'file10']));
});

describe('a folder in columns', () => {
  const inside = (name: string): FileEntry => ({ ...entry(name), path: `a/${name}` });
  const link: FileEntry = { ...inside('link'), kind: 'symlink', target: 'b' };
  const large = { ...inside('写真.txt'), size: 2 ** 40, uid: 7 };
  const list = [inside('b'), link, large, inside('bb')];
  const folder = Folder.of(list);

  it('has every entry as it was told', () => {
    expect(list.map((_, index) => folder.at(index))).toEqual(list);
    expect(folder.at(4)).toBeUndefined();
    expect(folder.bytes).toBe(2 ** 40);
    expect(folder.allNames()).toEqual(['b', 'link', '写真.txt', 'bb']);
  });
  it('finds entries by their paths, and no parts of them', () => {
    expect(list.map(({ path }) => folder.indexOf(path))).toEqual([0, 1, 2, 3]);
    expect(['a/', 'a', 'b', 'a/bbl', 'a/lin', 'c/b'].map((path) => folder.indexOf(path))).toEqual(
      Array.from({ length: 6 }, () => -1),
    );
    expect([folder.hasName('bb'), folder.hasName('a')]).toEqual([true, false]);
  });
  it('can be had without some of it, and with more', () => {
    const renamed = { ...link, name: 'z', path: 'a/z' };
    const changed = folder.changed(new Set(['a/link', 'a/none']), [renamed]);
    expect([0, 1, 2, 3].map((index) => changed.at(index))).toEqual([
      list[0],
      list[2],
      list[3],
      renamed,
    ]);
    expect(folder.at(1)).toEqual(link);
  });
  it('tells those that were chosen in the order in which they stand, however many', () => {
    const many = Array.from({ length: 100 }, (_, at) => inside(`${at}`));
    const shown = arrange(Folder.of(many), '', { column: 'name', descending: true });
    const few = new Set(['a/3', 'a/12', 'a/none']);
    expect(shown.those(few).map(({ name }) => name)).toEqual(['12', '3']);
    const most = new Set(many.slice(0, 60).map(({ path }) => path));
    expect(shown.those(most).map(({ name }) => Number(name))).toEqual(
      Array.from({ length: 60 }, (_, at) => 59 - at),
    );
    expect([...Folder.of(many.slice(0, 2)).existing(most)]).toEqual(['a/0', 'a/1']);
  });
});

describe('the selection', () => {
  const keys = ['a', 'b', 'c', 'd'];
  const chosen = (selection: { chosen: ReadonlySet<string> }) => [...selection.chosen].join('');

  it('reaches from the anchor in both directions', () => {
    const c = choose(NOTHING, keys, 'c', 'only');
    const ac = choose(c, keys, 'a', 'range');
    expect(chosen(ac)).toBe('abc');
    expect(chosen(choose(ac, keys, 'd', 'range'))).toBe('cd');
  });
  it('takes single ones in and out', () => {
    const ab = choose(choose(NOTHING, keys, 'a', 'only'), keys, 'b', 'toggle');
    expect(chosen(ab)).toBe('ab');
    expect(chosen(choose(ab, keys, 'a', 'toggle'))).toBe('b');
  });
  it('moves with the keyboard and stops at the ends', () => {
    const a = move(NOTHING, keys, 1, false);
    expect(chosen(a)).toBe('a');
    expect(chosen(move(a, keys, -1, false))).toBe('a');
    expect(chosen(move(NOTHING, keys, -1, false))).toBe('d');
    expect(chosen(move(a, keys, 2, true))).toBe('abc');
    expect(move(a, [], 1, false)).toBe(NOTHING);
  });
  it('can be everything', () => expect(chosen(chooseAll(NOTHING, keys))).toBe('abcd'));
  it('forgets what is gone', () => {
    const all = chooseAll(choose(NOTHING, keys, 'd', 'only'), keys);
    const left = keepExisting(all, Folder.of([entry('a'), entry('b')]));
    expect(chosen(left)).toBe('ab');
    expect(left.cursor).toBeNull();
  });
  it('jumps to what is typed, and around', () => {
    expect(typeAhead(['Apple', 'banana', 'avocado'], 1, 'a')).toBe(2);
    expect(typeAhead(['Apple', 'banana'], 1, 'ap')).toBe(0);
    expect(typeAhead(['Apple'], 0, 'x')).toBe(-1);
    expect(typeAhead([], 0, 'x')).toBe(-1);
  });
});

describe('a long list', () => {
  it('draws what is in view, and a few more', () =>
    expect(visible(100_000, 32, { scrollTop: 3200, height: 320 }, 5)).toEqual({
      first: 95,
      end: 115,
      offset: 95 * 32,
      height: 3_200_000,
    }));
  it('draws nothing when it is empty', () =>
    expect(visible(0, 32, { scrollTop: 500, height: 320 })).toMatchObject({ first: 0, end: 0 }));
  it('that got shorter while scrolled down still fills the view', () =>
    expect(visible(20, 32, { scrollTop: 90_000, height: 320 }, 0)).toMatchObject({
      first: 10,
      end: 20,
    }));
  it('moves as little as possible to show a row', () => {
    const view = { scrollTop: 100, height: 100 };
    expect(reveal(0, 20, view)).toBe(0);
    expect(reveal(6, 20, view)).toBe(100);
    expect(reveal(10, 20, view)).toBe(120);
  });
  it('pages by what fits', () => expect(page(20, { scrollTop: 0, height: 100 })).toBe(4));
});
