/** Stories of space, speed and rules, told in the browser against a real engine. */
import { describe, expect, it } from 'vitest';
import { window } from './opened';
import { freshName } from './window';

const number = async (marks: string, attribute: string) =>
  Number(await window.tells(marks, attribute));

describe('what a volume takes up', () => {
  it('is told for each checkpoint, and goes down by what the plan said', async () => {
    const name = freshName('space');
    await window.makeVolume(name);
    await window.put({ name: 'large', content: 'x'.repeat(3 << 20) });
    await window.keep('with');
    await window.click('pane-files');
    await window.click('file-row[data-path=large]');
    await window.press('Delete');
    await window.gone('file-row[data-path=large]');
    await window.keep('without');
    expect(await window.says('checkpoint-row[data-name=with] checkpoint-freed')).toMatch(
      /frees .+ MiB/,
    );

    await window.click('pane-space');
    await window.sees('usage-row[data-name=with]');
    const freed = await number('usage-row[data-name=with]', 'data-freed');
    expect(freed).toBeGreaterThan(2 << 20);
    const before = await number('usage', 'data-disk');
    await window.click('usage-sort-freed');
    expect(await window.tells('usage-row', 'data-name')).toBe('with');
    await window.click('usage-row[data-name=with] usage-delete');
    await window.sees('plan-steps');
    await window.click('confirm');
    await window.gone('usage-row[data-name=with]');
    await expect.poll(() => number('usage', 'data-disk')).toBeLessThanOrEqual(before - freed / 2);
    await window.deleteVolume(name);
  });
});

describe('reading speed', () => {
  it('is told in files, made better on demand, and given up for room', async () => {
    const name = freshName('speed');
    await window.makeVolume(name);
    for (const number of [1, 2, 3, 4, 5, 6]) {
      await window.put({ name: `file ${number}`, content: 'x'.repeat(10_000) });
      await window.keep(`checkpoint ${number}`);
    }
    await window.click('pane-space');
    await window.sees('chain[data-history="7"]');
    const optimise = window.thing('chain-optimise');
    // It may have been done already, in the background.
    if (await optimise.isEnabled()) await optimise.click();
    await expect.poll(() => number('chain', 'data-files')).toBeLessThanOrEqual(4);
    expect(await window.says('chain')).toMatch(/stands in for \d older layers/);

    await window.click('chain-switch');
    await window.sees('chain[data-optimiser=off][data-files="7"]');
    expect(await window.says('chain-state')).toMatch(/Switched off/);
    expect(await optimise.isEnabled()).toBe(false);
    await window.deleteVolume(name);
  });
});

describe('the rule for automatic checkpoints', () => {
  it('is set in one dialog, told in words, and pruned by with its plan', async () => {
    const name = freshName('rule');
    await window.makeVolume(name);
    await window.put({ name: 'one', content: '1' });
    await window.keep('mine');
    await window.put({ name: 'two', content: '2' });

    await window.click('pane-timeline');
    await window.click('policy-open');
    await window.click('policy-before-delete');
    await window.thing('policy-every').selectOption('1440');
    await window.type('policy-at', '27:00');
    expect(await window.thing('policy-save').isEnabled()).toBe(false);
    await window.type('policy-at', '03:30');
    await window.click('policy-keep-some');
    for (const part of ['last', 'hourly', 'daily', 'weekly', 'monthly'])
      await window.type(`policy-keep-${part}`, part === 'last' ? '1' : '');
    await window.click('policy-save');
    await window.gone('policy-dialog');
    await window.click('pane-space');
    expect(await window.says('policy-when')).toBe(
      'Taken every day from 03:30, before a folder is deleted.',
    );
    expect(await window.says('policy-kept')).toBe('Kept: the newest one.');

    await window.click('policy-prune');
    await window.sees('prune-nothing');
    await window.click('cancel');

    // Going back twice keeps two presents; the rule keeps one of them, and what was made by hand.
    await window.click('pane-timeline');
    for (const count of [1, 2]) {
      await window.click('checkpoint-row[data-name=mine] checkpoint-restore');
      await window.click('confirm');
      await window.gone('restore-dialog');
      await expect
        .poll(() => window.thing('checkpoint-row[data-automatic=true]').count())
        .toBe(count);
      await window.put({ name: 'two', content: `2 again ${count}` });
      await window.click('pane-timeline');
    }
    await window.click('timeline-menu');
    await window.click('timeline-prune');
    await window.sees('prune-row');
    expect(await window.thing('prune-row').count()).toBe(1);
    expect(await window.says('prune-dialog')).toMatch(/Delete 1 checkpoint/);
    await window.click('confirm');
    await window.gone('prune-dialog');
    await expect.poll(() => window.thing('checkpoint-row[data-automatic=true]').count()).toBe(1);
    await window.sees('checkpoint-row[data-name=mine]');
    await window.deleteVolume(name);
  });
});

describe('a checkpoint of several volumes', () => {
  it('is taken of all of them under one name, or of none', async () => {
    const names = [freshName('group a'), freshName('group b')];
    for (const name of names) {
      await window.makeVolume(name);
      await window.put({ name: 'file', content: name });
    }
    await window.click('volume-menu');
    await window.click('volume-group');
    await window.type('group-name', 'together');
    await window.click(`group-volume[data-name="${names[0]}"] group-choose`);
    await window.press('Enter');
    await window.gone('group-dialog');
    for (const name of names) {
      await window.click(`volume-row[data-name="${name}"]`);
      await window.click('pane-timeline');
      await window.sees('checkpoint-row[data-name=together]');
    }

    // The name is taken in one of them: the other gets nothing either.
    await window.click('timeline-menu');
    await window.click('timeline-group');
    await window.click(`group-volume[data-name="${names[0]}"]`);
    await window.type('group-name', 'together');
    await window.click('group-submit');
    expect(await window.says('dialog-error')).toMatch(/together/);
    await window.press('Escape');
    expect(await window.thing('checkpoint-row').count()).toBe(1);
    for (const name of names) await window.deleteVolume(name);
  });
});
