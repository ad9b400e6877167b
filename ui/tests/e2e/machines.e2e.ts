/** Stories of machines and of the connection, told in the browser against a real engine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    // Its files are still seen, and more can be put there: the guest takes them.
    await window.sees('file-row[data-path=hello]');
    await window.drop([{ name: 'more', content: 'while it runs' }]);
    await window.sees('file-row[data-path=more]');

    await window.click('vm-card[data-name=demo] vm-console');
    await window.page.keyboard.type('cat /data/hello; echo $((6*7))\n');
    await expect.poll(() => window.says('console-output'), { timeout: 30_000 }).toMatch(/world42/);
    await window.page.keyboard.type('dd if=/dev/zero of=/data/zeros bs=1M count=8 conv=fsync\n');
    await window.press('Control+]');
    await window.gone('console-dialog');
    // What goes through is drawn while it does.
    await expect
      .poll(() => window.tells('mount-traffic', 'aria-label'), { timeout: 30_000, interval: 200 })
      .toMatch(/writes [1-9]/);
    expect(await window.says('mount-traffic')).toMatch(/↓.*↑/s);

    await window.click('mount-open');
    await window.click('mount-submit');
    expect(await window.says('dialog-error')).toMatch(/\.$/);
    await window.press('Escape');

    await window.click('mount-chip[data-path="/data"] unmount');
    await window.gone('mount-chip');
    await window.sees('file-row[data-path=hello]');

    // Dragged onto the machine it is back, at the path that was chosen the last time.
    const row = (await window.sees(`volume-row[data-name="${name}"]`)).boundingBox();
    const card = (await window.sees('vm-card[data-name=demo]')).boundingBox();
    const [from, to] = [await row, await card];
    if (from === null || to === null) throw new Error('nowhere');
    const { mouse } = window.page;
    await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await mouse.down();
    await mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
    await window.sees('volume-ghost');
    await mouse.up();
    await window.sees('mount-chip[data-path="/data"][data-status=attached]');
    await window.page.getByText(/is at \/data in demo/).waitFor();
    await window.click('mount-chip[data-path="/data"] unmount');
    await window.gone('mount-chip');
    await window.click('vm-card[data-name=demo] vm-stop');
    await window.sees('vm-card[data-name=demo][data-status=stopped]');
    await window.deleteVolume(name);
  });
});

describe('a machine of one’s own', () => {
  it('boots from an image, is frozen as a snapshot, and others boot from that', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-e2e-'));
    const image = join(folder, 'nothing to boot.img');
    await writeFile(image, new Uint8Array(1 << 20));
    window = await Window.open();
    const name = freshName('own');
    await window.click('vm-add');
    await window.click('vm-new');
    await window.type('new-machine-image', 'relative.img');
    expect(await window.says('new-machine-dialog')).toMatch(/has to start with “\/”/);
    await window.type('new-machine-image', image);
    expect(await window.thing('new-machine-name').inputValue()).toMatch(/^nothing to boot/);
    await window.type('new-machine-name', name);
    await window.type('new-machine-memory', '64');
    await window.thing('new-machine-memory-unit').selectOption('MiB');
    await window.click('new-machine-more');
    // Nothing in it answers: a start waits for nobody.
    await window.click('new-machine-agent');
    await window.click('new-machine-create');
    const card = `vm-card[data-name="${name}"]`;
    await window.sees(`${card}[data-status=active]`, MACHINE_PATIENCE);
    expect(await window.says(`${card} vm-origin`)).toMatch(/nothing to boot\.img.*disk kept/s);
    expect(await window.says(`${card} vm-accelerator`)).toMatch(/TCG|KVM/);

    await window.click(`${card} vm-menu`);
    await window.click('vm-snapshot');
    await window.type('snapshot-name', `${name} frozen`);
    await window.click('snapshot-submit');
    await window.gone('snapshot-dialog');
    await window.click(`${card} vm-menu`);
    await window.click('vm-force-stop');
    await window.click('confirm');
    await window.sees(`${card}[data-status=stopped]`);

    await window.click('vm-add');
    await window.click('snapshots-open');
    const row = `snapshot-row[data-name="${name} frozen"]`;
    // The machine that it was taken of goes on from it.
    expect(await window.thing(`${row} snapshot-delete`).isEnabled()).toBe(false);
    await window.click(`${row} snapshot-boot`);
    await window.type('new-machine-name', `${name} twin`);
    await window.click('new-machine-start');
    await window.click('new-machine-create');
    const twin = `vm-card[data-name="${name} twin"]`;
    expect(await window.says(`${twin} vm-origin`)).toContain(`${name} frozen`);

    for (const one of [twin, card]) {
      await window.click(`${one} vm-menu`);
      await window.click('vm-delete');
      await window.click('confirm');
      await window.gone(one);
    }
    await window.click('vm-add');
    await window.click('snapshots-open');
    await window.click(`${row} snapshot-delete`);
    await window.click('confirm');
    await window.sees('snapshots-dialog');
    await window.gone(row);
    await window.press('Escape');
    await rm(folder, { recursive: true });
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
