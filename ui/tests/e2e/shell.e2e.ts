/** Stories of what surrounds volumes: commands, keys, settings, languages, and everybody who uses them. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complaints } from './accessible';
import { closeBrowser, freshName, Window } from './window';

let window: Window;
beforeEach(async () => {
  window = await Window.open();
  await window.sees('volume-search');
});
afterEach(async () => {
  expect(window.defects).toEqual([]);
  await window.close();
});
afterAll(closeBrowser);

describe('the keyboard', () => {
  it('finds every command, and lists the keys', async () => {
    const [one, other] = [freshName('keyboard'), freshName('other')];
    await window.makeVolume(other);
    await window.makeVolume(one);
    await window.press('Control+k');
    await window.type('palette-input', other.replace('other', 'ohr'));
    expect(await window.says('palette-row[aria-selected=true]')).toContain(other);
    await window.press('Enter');
    await window.gone('palette');
    await window.sees(`volume-row[data-name="${other}"][aria-current]`);

    await window.press('Control+k');
    await window.type('palette-input', 'no such thing');
    await window.sees('palette-none');
    await window.type('palette-input', 'ckp now');
    await window.press('Enter');
    await window.press('Alt+2');
    await window.sees('checkpoint-row[data-current=true]');

    await window.press('?');
    expect(await window.says('shortcuts-dialog')).toMatch(/Ctrl\s*K/);
    await window.press('Escape');
    await window.gone('shortcuts-dialog');
    await window.press('Alt+1');
    await window.sees('files-empty');
    await window.click('volume-order');
    await window.click('volume-order-created');
    await window.click('volume-order');
    expect(await window.tells('volume-order-created', 'aria-checked')).toBe('true');
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.press('Escape');
    // In a field it is only a letter.
    await window.press('/');
    await window.page.keyboard.type('?');
    expect(await window.thing('file-filter').inputValue()).toBe('?');
    for (const made of [one, other]) await window.deleteVolume(made);
  });
});

describe('the log', () => {
  it('is narrowed by words and by how serious a line is, and helps whoever helps', async () => {
    await window.command('log');
    await window.type('log-filter', 'the store is open');
    await expect.poll(() => window.says('log-line')).toMatch(/cairn_engine.*the store is open/s);
    await window.type('log-filter', 'nobody ever wrote this');
    await window.sees('log-none');
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await window.click('log-copy');
    await window.sees('toast');
    const copied = await window.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^Cairn \d+\.\d+.*the store is open/s);
    await window.press('Escape');
    await window.gone('log-dialog');
  });
});

describe('the tour', () => {
  it('goes round by the keyboard, and need not be taken to its end', async () => {
    const open = async () => {
      await window.command('tour');
      await window.sees('tour');
    };
    await open();
    const seen: (string | null)[] = [];
    for (let step = 0; step < 5; step += 1) {
      seen.push(await window.tells('tour', 'data-step'));
      expect(await complaints(window.page, 'all')).toEqual([]);
      await window.press(step % 2 === 0 ? 'Enter' : 'ArrowRight');
    }
    expect(seen).toEqual(['volumes', 'files', 'timeline', 'machines', 'commands']);
    await window.gone('tour');
    await open();
    await window.press('ArrowRight');
    await window.press('ArrowLeft');
    expect(await window.tells('tour', 'data-step')).toBe('volumes');
    await window.press('Escape');
    await window.gone('tour');
  });
});

describe('the settings', () => {
  it('count at once, and outlive the window', async () => {
    await window.press('Control+,');
    await window.click('theme-dark');
    await window.type('settings-quota', 'much');
    expect(await window.says('settings-dialog')).toMatch(/as a number/);
    await window.type('settings-quota', '32');
    await window.thing('settings-every').selectOption('60');
    await window.click('settings-keep');
    await window.type('settings-memory', '512');
    await window.thing('settings-memory-unit').selectOption('MiB');
    await window.type('settings-cpus', 'many');
    expect(await window.says('settings-dialog')).toMatch(/from 1 to/);
    await window.type('settings-cpus', '4');
    expect(await window.says('settings-store')).toMatch(/^\//);
    expect(await window.says('settings-address')).toBe(new URL(window.page.url()).origin);
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await window.click('settings-key');
    await window.sees('toast');
    const key = await window.page.evaluate(() => navigator.clipboard.readText());
    expect(key).toMatch(/^\S{20,}$/);
    await window.thing('settings-language').selectOption('de');
    await window.page.getByPlaceholder('Volumes suchen').waitFor();
    await window.page.reload();
    await window.click('new-volume');
    expect(await window.says('new-volume-dialog')).toMatch(/Volume anlegen/);
    expect(await window.thing('new-volume-quota').inputValue()).toBe('32');
    const name = freshName('settled');
    await window.type('new-volume-name', name);
    await window.thing('new-volume-quota-unit').selectOption('MiB');
    await window.click('new-volume-create');
    await window.sees(`volume-row[data-name="${name}"]`);
    await window.click('pane-space');
    await expect.poll(() => window.says('policy-card')).toMatch(/jede Stunde.*neuesten 10/is);
    await window.click('vm-add');
    await window.click('vm-new');
    expect(await window.thing('new-machine-memory').inputValue()).toBe('512');
    expect(await window.thing('new-machine-cpus').inputValue()).toBe('4');
    await window.press('Escape');
    // What the engine refuses is told in the window's language.
    await window.click('vm-add');
    await window.click('vm-attach');
    await window.type('attach-qmp', '/nowhere/qmp.sock');
    await window.click('attach-submit');
    expect(await window.says('dialog-error')).toMatch(
      /^Den QMP-Socket \/nowhere\/qmp\.sock gibt es nicht\. Starten Sie/,
    );
    expect(await window.thing('dialog-error refusal-detail').count()).toBe(0);
    await window.press('Escape');
    await window.deleteVolume(name);

    await window.click('settings-open');
    await window.thing('settings-language').selectOption('ja');
    await window.page.getByPlaceholder('ボリュームを検索').waitFor();
    const root = window.page.locator('html');
    expect([await root.getAttribute('lang'), await root.getAttribute('data-theme')]).toEqual([
      'ja',
      'dark',
    ]);
  });
});

describe('everybody', () => {
  it('can use every main screen, by whatever they see and type with', async () => {
    const name = freshName('for everybody');
    await window.makeVolume(name);
    await window.put({ name: 'a letter.txt', content: 'Dear Ada' }, { name: 'b', content: '\0' });
    await window.keep('kept');
    const found: string[] = [];
    const look = async (screen: string) => {
      for (const theme of ['light', 'dark'] as const) {
        await window.page.emulateMedia({ colorScheme: theme });
        const list = await complaints(window.page, theme === 'light' ? 'all' : 'colours');
        found.push(...list.map((complaint) => `${screen}, ${theme}: ${complaint}`));
      }
    };
    await window.sees('checkpoint-row[data-name=kept]');
    await look('timeline');
    await window.click('pane-space');
    await window.sees('usage-row');
    await look('space');
    await window.click('pane-files');
    await window.click('file-row[data-path="a letter.txt"]');
    await look('files');
    await window.press('Enter');
    await window.sees('preview[data-kind=text]');
    await look('quick look');
    await window.press('Escape');
    const dialogs: [string, () => Promise<unknown>][] = [
      ['palette', () => window.press('Control+k')],
      ['shortcuts-dialog', () => window.press('?')],
      ['settings-dialog', () => window.press('Control+,')],
      ['mount-dialog', () => window.click('mount-open')],
      ['new-volume-dialog', () => window.click('new-volume')],
      ['about-dialog', () => window.click('about-open')],
      ['log-dialog', () => window.command('log')],
    ];
    for (const [dialog, open] of dialogs) {
      await open();
      await window.sees(dialog);
      await look(dialog);
      await window.press('Escape');
      await window.gone(dialog);
    }
    expect(found).toEqual([]);
    await window.deleteVolume(name);
  });
});
