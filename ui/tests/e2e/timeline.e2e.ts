/** Stories of what differs, of a file's history and of plans, told in the browser against a real engine. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { window } from './opened';
import { freshName } from './window';

const downloaded = async (marks: string): Promise<string> => {
  const [download] = await Promise.all([window.page.waitForEvent('download'), window.click(marks)]);
  return readFile(await download.path(), 'utf8');
};

async function deleteFile(name: string): Promise<void> {
  await window.click('pane-files');
  await window.click(`file-row[data-path="${name}"]`);
  await window.press('Delete');
  await window.gone(`file-row[data-path="${name}"]`);
}

/** A volume with a letter that was changed, one that was added and one that was deleted since `first`. */
async function volumeWithAPast(what: string): Promise<string> {
  const name = freshName(what);
  await window.makeVolume(name);
  await window.put({ name: 'letter', content: 'Dear Ada' }, { name: 'old', content: 'older' });
  await window.keep('first');
  await window.put({ name: 'letter', content: 'Dear Charles' });
  await window.put({ name: 'new', content: 'x'.repeat(5000) });
  await deleteFile('old');
  return name;
}

describe('what differs', () => {
  it('is told of a checkpoint and the present, narrowed, and kept up to date', async () => {
    const name = await volumeWithAPast('differs');
    await window.click('pane-timeline');
    await window.click('checkpoint-row[data-name=first] checkpoint-menu');
    await window.click('checkpoint-compare');
    await window.sees('diff[data-added="1"][data-removed="1"][data-changed="1"]');
    expect(await window.says('diff-row[data-path=letter]')).toMatch(/8 B → 12 B[^]*\+4 B/);
    expect(await window.says('diff-row[data-path=new]')).toMatch(/4.88 KiB/);

    await window.click('diff-kind[data-kind=removed]');
    await window.sees('diff-list[data-count="1"]');
    await window.sees('diff-row[data-path=old][data-kind=removed]');
    await window.type('diff-filter', 'letter');
    await window.page.getByText('Nothing of this kind').waitFor();
    await window.click('diff-kind[data-kind=all]');
    await window.sees('diff-row[data-path=letter][data-kind=changed]');
    await window.type('diff-filter', '');

    // What is gone comes back from the list itself; the list follows.
    await window.click('diff-row[data-path=old] diff-menu');
    await window.click('diff-put-back-before');
    expect(await window.says('question')).toMatch(/as it was in “first”/);
    await window.click('confirm');
    await window.gone('diff-row[data-path=old]');
    await window.sees('diff[data-added="1"][data-removed="0"][data-changed="1"]');
    await window.press('Escape');
    await window.sees('timeline');
    await window.deleteVolume(name);
  });

  it('is told of two checkpoints, whichever is chosen first, by keyboard too', async () => {
    const name = await volumeWithAPast('two');
    await window.keep('second');
    await window.thing('checkpoint-row[data-name=second]').focus();
    await window.press('Space');
    expect(await window.says('compare-bar')).toMatch(/“second” is selected/);
    // Who points at it is told what it changed.
    expect(await window.says('checkpoint-changes')).toBe('1 removed: old');
    // Between them is what was kept when the file was deleted.
    await window.press('ArrowDown');
    await window.press('ArrowDown');
    await window.press('Space');
    await window.click('compare-open');
    await window.sees('diff[data-added="1"][data-removed="1"][data-changed="1"]');
    expect(await window.says('diff')).toMatch(/first[^]*second/);

    await window.thing('diff-list').focus();
    await window.press('Home');
    await window.press('Enter');
    await window.sees('history-dialog');
    await window.press('Escape');
    await window.gone('history-dialog');
    await window.click('diff-back');
    await window.deleteVolume(name);
  });
});

describe('going back', () => {
  it('shows first what will change, and then does just that', async () => {
    const name = await volumeWithAPast('preview');
    await window.click('pane-timeline');
    await window.click('checkpoint-row[data-name=first] checkpoint-restore');
    await window.sees('restore-preview[data-count="3"]');
    const told = await window.says('restore-preview');
    expect(told).toMatch(/1 item comes back/);
    expect(told).toMatch(/1 item goes away/);
    expect(told).toMatch(/1 item becomes what it was/);
    await window.sees('restore-preview diff-row[data-path=old][data-kind=added]');
    await window.sees('restore-preview diff-row[data-path=new][data-kind=removed]');
    await window.click('confirm');
    await window.gone('restore-dialog');
    await window.click('pane-files');
    await window.sees('file-row[data-path=old]');
    expect(await window.files()).toEqual(['letter', 'old']);
    await window.deleteVolume(name);
  });
});

describe('the history of a file', () => {
  it('has each version once, to be read and to be put back', async () => {
    const name = await volumeWithAPast('history');
    await window.click('pane-files');
    await window.thing('file-row[data-path=letter]').click({ button: 'right' });
    await window.click('file-history');
    await window.sees('history-list[data-count="2"]');
    await window.sees('history-row[data-kind=created][data-checkpoint=first]');
    expect(await downloaded('history-row[data-kind=changed] history-download')).toBe(
      'Dear Charles',
    );
    expect(await downloaded('history-row[data-kind=created] history-download')).toBe('Dear Ada');
    await window.click('history-row[data-kind=created] history-put-back');
    // What was written in between is in the checkpoint that was kept when the other file was deleted.
    await window.sees('history-list[data-count="3"]');
    await window.click('history-close');
    await window.deleteVolume(name);
  });

  it('is there for what was deleted, and brings it back', async () => {
    const name = await volumeWithAPast('gone');
    await window.click('pane-files');
    await window.type('file-filter', 'old');
    await window.click('files-look-back');
    await window.sees('history-row[data-kind=deleted]');
    await window.click('history-row[data-kind=created] history-put-back');
    await window.gone('history-row[data-kind=deleted]');
    await window.click('history-close');
    await window.sees('file-row[data-path=old]');
    await window.deleteVolume(name);
  });
});

describe('deleting a checkpoint', () => {
  it('shows its plan first, and keeps the others as they are', async () => {
    const name = await volumeWithAPast('plan');
    await window.keep('second');
    await window.put({ name: 'large', content: 'y'.repeat(400_000) });
    await window.keep('third');
    await window.click('checkpoint-row[data-name=second] checkpoint-menu');
    await window.click('checkpoint-delete');
    expect(await window.says('plan-steps')).toMatch(/merged into that of “third”: .+ to write/);
    expect(await window.says('plan-freed')).toMatch(/iB$/);
    await window.click('cancel');
    await window.sees('checkpoint-row[data-name=second]');

    await window.click('checkpoint-row[data-name=second] checkpoint-menu');
    await window.click('checkpoint-delete');
    await window.sees('plan-steps');
    await window.press('Enter');
    await window.gone('checkpoint-row[data-name=second]');
    await window.click('checkpoint-row[data-name=third] checkpoint-browse');
    await window.sees('file-row[data-path=large]');
    expect(await window.files()).toEqual(['large', 'letter', 'new']);
    await window.click('past-leave');
    await window.deleteVolume(name);
  });
});
