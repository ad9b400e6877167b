import { describe, expect, it, vi } from 'vitest';
import type { FileEntry } from '../api/types';
import type { Backend } from '../backend/backend';
import { BackendError } from '../backend/errors';
import { Folder } from '../logic/folder';
import { Files } from './files.svelte';

const entry = (path: string, kind: FileEntry['kind'] = 'file'): FileEntry => ({
  path,
  name: path.split('/').pop() ?? path,
  kind,
  size: 10,
  mode: 0o644,
  uid: 0,
  gid: 0,
  modified_at: '2026-01-01T00:00:00Z',
  target: null,
});
const refusal = new BackendError({ code: 'in-use', message: 'A machine has it.', hint: null });

/** A backend whose listings are answered when the test says so. */
function withListings(more: Partial<Backend> = {}) {
  const answers: { prefix: string; answer: (entries: FileEntry[]) => void; fail: () => void }[] =
    [];
  const fileList: Backend['fileList'] = (_, { prefix }) =>
    new Promise((answer, reject) =>
      answers.push({
        prefix,
        answer: (entries) => answer(Folder.of(entries)),
        fail: () => reject(refusal),
      }),
    );
  const files = new Files({ fileList, ...more } as Backend);
  return { files, answers };
}
const shown = (files: Files) => files.shown.slice(0).map(({ name }) => name);

describe('the folder that is looked at', () => {
  it('shows what the engine lists', async () => {
    const { files, answers } = withListings();
    files.open('v');
    expect(files.loading).toBe(true);
    answers[0]?.answer([entry('b'), entry('a', 'directory')]);
    await vi.waitFor(() => expect(shown(files)).toEqual(['a', 'b']));
    expect(files.loading).toBe(false);
    expect(files.bytes).toBe(10);
  });

  it('pays no heed to an answer that comes after the folder was left', async () => {
    const { files, answers } = withListings();
    files.open('v');
    files.go('photos');
    answers[1]?.answer([entry('photos/new')]);
    await vi.waitFor(() => expect(shown(files)).toEqual(['new']));
    answers[0]?.answer([entry('old')]);
    await Promise.resolve();
    expect(shown(files)).toEqual(['new']);
    expect(answers.map(({ prefix }) => prefix)).toEqual(['', 'photos/']);
  });

  it('tells by its code why it cannot be listed', async () => {
    const { files, answers } = withListings();
    files.open('v');
    answers[0]?.fail();
    await vi.waitFor(() => expect(files.error?.code).toBe('in-use'));
    expect(files.shown).toHaveLength(0);
  });

  it('selects the folder that one comes from when going up', async () => {
    const { files, answers } = withListings();
    files.open('v');
    files.go('a/b');
    files.up();
    expect(files.path).toBe('a');
    answers[2]?.answer([entry('a/b', 'directory'), entry('a/c')]);
    await vi.waitFor(() => expect(files.chosen.map(({ path }) => path)).toEqual(['a/b']));
  });
});

describe('changes that are shown before they are done', () => {
  async function opened(more: Partial<Backend>) {
    const { files, answers } = withListings(more);
    files.open('v');
    answers[0]?.answer([entry('a'), entry('b')]);
    await vi.waitFor(() => expect(files.shown).toHaveLength(2));
    return files;
  }

  it('a new name is there at once, and the old one again when it is refused', async () => {
    const files = await opened({ fileRename: () => Promise.reject(refusal) });
    const a = files.shown.at(0);
    if (!a) throw new Error('no row');
    const renamed = files.rename(a, 'z');
    expect(shown(files)).toEqual(['b', 'z']);
    await expect(renamed).rejects.toBe(refusal);
    expect(shown(files)).toEqual(['a', 'b']);
  });

  it('a list that was asked for before brings no old name back', async () => {
    let done: (entry: FileEntry) => void = () => {};
    const { files, answers } = withListings({
      fileRename: () => new Promise((answer) => (done = answer)),
    });
    files.open('v');
    answers[0]?.answer([entry('a'), entry('b')]);
    await vi.waitFor(() => expect(files.shown).toHaveLength(2));
    files.changed('v', '');
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    const a = files.shown.at(0);
    if (!a) throw new Error('no row');
    const renamed = files.rename(a, 'z');
    answers[1]?.answer([entry('a'), entry('b')]);
    await Promise.resolve();
    expect(shown(files)).toEqual(['b', 'z']);
    done(entry('z'));
    await renamed;
    await vi.waitFor(() => expect(answers).toHaveLength(3));
    answers[2]?.answer([entry('b'), entry('z'), entry('new')]);
    await vi.waitFor(() => expect(shown(files)).toEqual(['b', 'new', 'z']));
  });

  it('deleted rows are gone at once; all of them are one operation, folders with what is in them', async () => {
    const filesDelete = vi.fn(() => Promise.resolve('ckpt_a'));
    const files = await opened({ filesDelete });
    const deleted = files.delete([entry('a', 'directory'), entry('b')]);
    expect(shown(files)).toEqual([]);
    await deleted;
    expect(filesDelete).toHaveBeenCalledExactlyOnceWith('v', ['a', 'b'], true);
  });

  it('deleted rows come back, all of them, when the engine refuses', async () => {
    const { files, answers } = withListings({ filesDelete: () => Promise.reject(refusal) });
    files.open('v');
    answers[0]?.answer([entry('a'), entry('b')]);
    await vi.waitFor(() => expect(files.shown).toHaveLength(2));
    await expect(files.delete(files.shown.slice(0))).rejects.toBe(refusal);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.answer([entry('a'), entry('b')]);
    await vi.waitFor(() => expect(shown(files)).toEqual(['a', 'b']));
  });
});
