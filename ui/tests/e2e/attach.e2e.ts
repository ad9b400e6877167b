/** Stories of machines that somebody else has started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaints } from './accessible';
import { Libvirt } from './libvirt';
import { window } from './opened';
import { freshName } from './window';

describe('a machine of somebody else', () => {
  it('is looked for, and refused with a sentence when nobody answers', async () => {
    await window.click('vm-add');
    await window.click('vm-attach');
    await window.sees('attach-dialog');
    await window.gone('attach-dialog [role=progressbar]');
    await window.type('attach-qmp', '/nowhere/qmp.sock');
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('attach-submit');
    expect(await window.says('dialog-error')).toMatch(/\/nowhere\/qmp\.sock/);
    await window.click('cancel');
  });

  it('is found, attached from the list, and let go as it was', async () => {
    const desk = await mkdtemp(join(tmpdir(), 'cairn-somebody-'));
    const socket = join(desk, 'qmp.sock');
    const name = freshName('somebody').replace(' ', '-');
    // It waits with its first instruction: what is told here needs none.
    const machine = ['-name', name, '-machine', 'q35,accel=tcg', '-m', '32', '-nodefaults', '-S'];
    const reached = ['-display', 'none', '-qmp', `unix:${socket},server=on,wait=off`];
    const qemu = spawn('qemu-system-x86_64', [...machine, ...reached], { stdio: 'ignore' });
    const ended = once(qemu, 'exit');
    await expect.poll(() => existsSync(socket), { timeout: 30_000 }).toBe(true);
    await window.click('vm-add');
    await window.click('vm-attach');
    const found = `attach-found[data-pid="${qemu.pid}"]`;
    await window.click(`${found} attach-choose`);
    expect(await window.thing('attach-name').inputValue()).toBe(name);
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('attach-submit');
    const card = `vm-card[data-name="${name}"]`;
    await window.sees(card);
    // Whoever looks again is told that it is known.
    await window.click('vm-add');
    await window.click('vm-attach');
    await expect.poll(() => window.says(found)).toContain(name);
    await window.gone(`${found} attach-choose`);
    await window.press('Escape');
    await window.click(`${card} vm-menu`);
    await window.click('vm-detach');
    await window.gone(card);
    expect(qemu.exitCode).toBeNull();
    qemu.kill();
    await ended;
    await rm(desk, { recursive: true });
  });

  it('is found though libvirt runs it, attached by its name there, and let go as it was', async () => {
    const name = freshName('domain').replace(' ', '-');
    const libvirt = await Libvirt.start(name);
    await window.click('vm-add');
    await window.click('vm-attach');
    const found = `attach-found[data-name="${name}"]`;
    await window.click(`${found} attach-choose`);
    expect(await window.says('attach-domain')).toContain(name);
    expect(await window.thing('attach-name').inputValue()).toBe(name);
    await window.gone('attach-qmp');
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('attach-submit');
    const card = `vm-card[data-name="${name}"]`;
    await window.sees(card);
    // What works in it is told as libvirt knows it.
    await window.click(`${card} vm-doctor`);
    await expect.poll(() => window.says('vm-doctor-dialog')).toContain('libvirt');
    await window.click('vm-doctor-close');
    await window.click(`${card} vm-menu`);
    await window.click('vm-detach');
    await window.gone(card);
    expect(libvirt.state).toBe('paused');
    await libvirt.end();
  });
});
