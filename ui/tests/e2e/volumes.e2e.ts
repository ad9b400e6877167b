/** Stories of volumes and files, told in the browser against a real engine. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { window } from './opened';
import { freshName } from './window';

describe('a volume', () => {
  it('is made with what is suggested, renamed in place and deleted', async () => {
    const name = freshName('made');
    await window.click('new-volume');
    await window.type('new-volume-name', '../x');
    expect(await window.says('field-hint')).toMatch(/“\/”/);
    expect(await window.thing('new-volume-create').isEnabled()).toBe(false);
    await window.type('new-volume-name', name);
    await window.type('new-volume-quota', '0');
    expect(await window.thing('field-hint').last().innerText()).toMatch(/smallest volume/);
    await window.type('new-volume-quota', '64');
    await window.thing('new-volume-quota-unit').selectOption('MiB');
    await window.press('Enter');
    await window.sees(`volume-row[data-name="${name}"]`);

    await window.click('volume-rename');
    await window.type('volume-rename-input', `${name} again`);
    await window.press('Enter');
    await window.sees(`volume-row[data-name="${name} again"]`);
    expect(await window.says('volume-usage')).toMatch(/of 64 MiB/);
    await window.deleteVolume(`${name} again`);
  });

  it('takes what is dropped on it, and says before what will happen', async () => {
    const name = freshName('dropped');
    await window.makeVolume(name);
    const files = [
      { name: 'a letter.txt', content: 'Dear Ada' },
      { name: '読んで.txt', content: 'こんにちは' },
      { name: 'empty', content: '' },
    ];
    expect(await window.drag(files)).toBe(`Copy 3 items into ${name}`);
    await window.drop(files);
    await window.sees('transfer-row[data-state=done]');
    await window.sees('file-grid[data-count="3"]');
    expect(await window.files()).toEqual(['a letter.txt', 'empty', '読んで.txt']);

    await window.drop([{ name: 'a letter.txt', content: 'Dear Charles' }]);
    expect(await window.says('question')).toMatch(/“a letter.txt” is already there/);
    await window.click('confirm');
    await window.gone('question');
    await window.sees('transfer-row[data-title="a letter.txt"][data-state=done]');

    await window.drop([{ name: 'a letter.txt', content: 'Dear Grace' }]);
    await window.click('both');
    await window.sees('file-row[data-path="a letter 2.txt"]');
    await window.thing('file-row[data-path="a letter 2.txt"]').dblclick();
    await window.sees('preview[data-kind=text]');
    expect(await window.says('preview')).toBe('Dear Grace');
    expect(await window.says('properties')).toMatch(/10 bytes/);
    // Its neighbour was replaced, not the one beside it.
    await window.press('ArrowRight');
    await window.sees('look[data-path="a letter.txt"]');
    await expect.poll(() => window.says('preview')).toBe('Dear Charles');
    await window.press('Escape');

    await window.click('file-row[data-path="a letter.txt"]');
    const [download] = await Promise.all([
      window.page.waitForEvent('download'),
      window.click('selection-download'),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toBe('Dear Charles');

    // Many are deleted at once, and what they were can be seen again.
    await window.thing('file-grid').focus();
    await window.press('Control+a');
    await window.press('Delete');
    await window.sees('files-empty');
    await window.deleteVolume(name);
  });

  it('refuses what does not fit, and keeps nothing of it', async () => {
    const name = freshName('small');
    await window.makeVolume(name, '16', 'MiB');
    await window.drop([{ name: 'large', content: 'x'.repeat(20 * 2 ** 20) }]);
    await window.sees('transfer-row[data-state=failed]');
    expect(await window.files()).toEqual([]);
    await window.deleteVolume(name);
  });
});

describe('files', () => {
  it('are handled by keyboard alone', async () => {
    const name = freshName('keys');
    await window.makeVolume(name);
    await window.click('new-folder');
    await window.type('file-rename-input', 'photos');
    await window.press('Enter');
    await window.sees('file-row[data-path=photos]');

    await window.thing('file-grid').focus();
    await window.press('Home');
    await window.press('Enter');
    await window.sees('breadcrumbs[data-path=photos]');
    await window.drop([
      { name: 'one', content: '1' },
      { name: 'two', content: '2' },
    ]);
    await window.sees('file-row[data-path="photos/two"]');

    await window.thing('file-grid').focus();
    await window.press('Control+a');
    expect(await window.says('selection-count')).toMatch(/^2 selected/);
    await window.press('Escape');
    await window.press('t');
    await window.press('F2');
    await window.type('file-rename-input', 'zwei');
    await window.press('Enter');
    await window.sees('file-row[data-path="photos/zwei"]');
    await window.press('Delete');
    await window.gone('file-row[data-path="photos/zwei"]');
    expect(await window.files()).toEqual(['photos/one']);
    await window.press('Backspace');
    await window.sees('file-row[data-path=photos][aria-selected=true]');
    await window.deleteVolume(name);
  });
});

describe('time', () => {
  it('can be looked into and gone back to, and nothing is lost', async () => {
    const name = freshName('history');
    await window.makeVolume(name);
    await window.drop([{ name: 'first', content: 'one' }]);
    await window.sees('file-row[data-path=first]');
    await window.click('checkpoint-open');
    await window.type('checkpoint-name', 'good');
    await window.press('Enter');
    await window.sees('checkpoint-row[data-name=good][data-current=true]');
    await window.click('pane-files');
    await window.drop([{ name: 'second', content: 'two' }]);
    await window.sees('file-row[data-path=second]');

    await window.click('pane-timeline');
    await window.click('checkpoint-row[data-name=good] checkpoint-browse');
    await window.sees('past-banner[data-name=good]');
    await window.sees('file-row[data-path=first]');
    expect(await window.files()).toEqual(['first']);
    expect(await window.thing('upload-button').isEnabled()).toBe(false);
    await window.click('volume-rename');
    await window.type('volume-rename-input', `${name} renamed`);
    await window.press('Enter');
    await window.sees(`volume-row[data-name="${name} renamed"]`);
    // News of the volume do not lead back to the present.
    await window.sees('past-banner[data-name=good]');

    await window.click('past-restore');
    expect(await window.says('restore-dialog')).toMatch(/kept as an automatic checkpoint/);
    await window.click('confirm');
    await window.gone('past-banner');
    await window.sees('file-row[data-path=first]');
    expect(await window.files()).toEqual(['first']);

    await window.click('pane-timeline');
    await window.click('checkpoint-row[data-automatic=true] checkpoint-browse');
    await window.sees('file-row[data-path=second]');
    await window.click('past-leave');
    await window.deleteVolume(`${name} renamed`);
  });

  it('gives single files back, and goes on in volumes of their own', async () => {
    const name = freshName('kept');
    await window.makeVolume(name);
    await window.drop([
      { name: 'letter', content: 'Dear Ada' },
      { name: 'other', content: 'stays' },
    ]);
    await window.sees('file-row[data-path=other]');
    await window.click('checkpoint-open');
    await window.type('checkpoint-name', 'then');
    await window.press('Enter');
    await window.sees('checkpoint-row[data-name=then][data-current=true]');
    await window.click('pane-files');
    await window.click('file-row[data-path=letter]');
    await window.press('Delete');
    await window.gone('file-row[data-path=letter]');

    await window.click('pane-timeline');
    await window.click('checkpoint-row[data-name=then] checkpoint-browse');
    await window.click('file-row[data-path=letter]');
    await window.click('selection-put-back');
    expect(await window.says('question')).toMatch(/Everything else stays as it is/);
    await window.click('confirm');
    await window.click('past-leave');
    await window.sees('file-row[data-path=letter]');
    expect(await window.files()).toEqual(['letter', 'other']);

    await window.click('pane-timeline');
    await window.click('checkpoint-row[data-name=then] checkpoint-menu');
    await window.click('checkpoint-branch');
    expect(await window.thing('branch-name').inputValue()).toBe(`${name} copy`);
    await window.type('branch-name', name);
    expect(await window.thing('branch-create').isEnabled()).toBe(false);
    await window.type('branch-name', `${name} branch`);
    await window.press('Enter');
    await window.sees(`volume-row[data-name="${name} branch"][aria-current=true]`);
    await window.click('file-row[data-path=other]');
    await window.press('Delete');
    await window.gone('file-row[data-path=other]');
    await window.click('volume-menu');
    await window.click('volume-clone');
    await window.type('branch-name', `${name} clone`);
    await window.click('branch-create');
    await window.sees(`volume-row[data-name="${name} clone"][aria-current=true]`);
    await window.sees('file-row[data-path=letter]');
    expect(await window.files()).toEqual(['letter']);
    for (const made of [`${name} clone`, `${name} branch`, name]) await window.deleteVolume(made);
  });
});
