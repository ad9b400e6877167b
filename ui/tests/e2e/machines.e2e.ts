/** Stories of machines and of the connection, told in the browser against a real engine. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { closeBrowser, freshName, key, MACHINE_PATIENCE, Window } from './window';

let window: Window;
afterEach(async () => {
  expect(window.defects).toEqual([]);
  await window.close();
});
afterAll(closeBrowser);

describe('the demo machine', () => {
  it('starts, has the volume at /data, and gives it back', async () => {
    window = await Window.open();
    const name = freshName('mounted');
    await window.makeVolume(name);
    await window.drop([{ name: 'hello', content: 'world' }]);
    await window.sees('file-row[data-path=hello]');

    // One click starts it and mounts, when none runs.
    await window.click('mount-open');
    expect(await window.thing('mount-path').inputValue()).toBe('/data');
    await window.type('mount-path', 'data');
    expect(await window.says('mount-dialog')).toMatch(/has to start with “\/”/);
    await window.type('mount-path', '/data');
    await window.click('mount-submit');
    await window.sees('vm-card[data-name=demo][data-status=active]');
    await window.sees('mount-chip[data-path="/data"][data-status=attached]');
    await window.sees('files-held');
    expect(await window.drag([{ name: 'x', content: '' }])).toMatch(/Unmount it first/);

    await window.click('mount-open');
    await window.click('mount-submit');
    expect(await window.says('dialog-error')).toMatch(/\.$/);
    await window.press('Escape');

    await window.click('held-unmount');
    await window.gone('mount-chip');
    await window.sees('file-row[data-path=hello]');
    await window.click('vm-card[data-name=demo] vm-stop');
    await window.sees('vm-card[data-name=demo][data-status=stopped]');
    await window.deleteVolume(name);
  });
});

describe('a checkpoint that is mounted to be written', () => {
  it('becomes a volume of its own, and several volumes are kept at one moment', async () => {
    window = await Window.open();
    const name = freshName('origin');
    await window.makeVolume(name);
    await window.put({ name: 'file', content: 'as it was' });
    await window.keep('base');
    await window.click('checkpoint-row[data-name=base] checkpoint-menu');
    await window.click('checkpoint-mount');
    expect(await window.tells('mount-mode', 'data-value')).toBe('ro');
    await window.click('mount-mode-rw');
    expect(await window.says('mount-branch')).toMatch(`“${name} from base”`);
    await window.type('mount-path', '/branch');
    await window.click('mount-submit');
    const branch = `volume-row[data-name="${name} from base"]`;
    await window.sees(branch, MACHINE_PATIENCE);
    await window.sees('vm-mount-row[data-path="/branch"][data-status=attached]');

    await window.click('vm-card[data-name=demo] vm-menu');
    await window.click('vm-checkpoint');
    await window.type('group-name', 'while it runs');
    await window.click('group-submit');
    await window.gone('group-dialog');
    await window.click(branch);
    await window.click('pane-timeline');
    await window.sees('checkpoint-row[data-name="while it runs"]');
    // The present cannot be looked at while the machine writes it.
    await window.click('checkpoint-row[data-name="while it runs"] checkpoint-menu');
    await window.click('checkpoint-compare');
    await window.sees('diff-failed');
    await window.click('diff-back');

    await window.click('vm-mount-row[data-path="/branch"] unmount');
    await window.gone('vm-mount-row[data-path="/branch"]');
    await window.click('vm-card[data-name=demo] vm-stop');
    await window.sees('vm-card[data-name=demo][data-status=stopped]');
    await window.deleteVolume(`${name} from base`);
    await window.deleteVolume(name);
  });
});

describe('the connection', () => {
  it('asks for the key, and says when it is wrong', async () => {
    window = await Window.open('/');
    await window.type('connect-key', 'not the key');
    await window.click('connect-submit');
    await window.page.getByText('Cairn does not know this key').waitFor();
    await window.type('connect-key', key);
    await window.click('connect-submit');
    await window.sees('volume-search');
    await window.page.reload();
    await window.sees('volume-search');
  });

  it('does not leave the key in the address', async () => {
    window = await Window.open();
    await window.sees('volume-search');
    expect(window.page.url()).not.toContain(key);
  });

  it('shows what happens elsewhere', async () => {
    window = await Window.open();
    await window.sees('volume-search');
    const other = await Window.open();
    const name = freshName('elsewhere');
    await other.makeVolume(name);
    await window.sees(`volume-row[data-name="${name}"]`);
    await other.deleteVolume(name);
    await window.gone(`volume-row[data-name="${name}"]`);
    await other.close();
  });
});
