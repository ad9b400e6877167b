/** Stories of what was deleted and comes back, and of volumes that become files and files that become volumes. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaints } from './accessible';
import { window } from './opened';
import { freshName } from './window';

describe('what was deleted', () => {
  it('comes back at once, from the trash later, and goes for good when that is said', async () => {
    const name = freshName('precious');
    await window.makeVolume(name);
    await window.put({ name: 'letter', content: 'Dear Ada' });
    await window.deleteVolume(name);
    await window.click('toast-action');
    await window.sees(`volume-row[data-name="${name}"]`);
    await window.sees('file-row[data-path=letter]');

    await window.deleteVolume(name);
    await window.click('trash-open');
    const row = `trash-row[data-name="${name}"]`;
    expect(await window.says(row)).toMatch(/deleted Today/);
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.thing('trash-keep').selectOption('30');
    await expect.poll(() => window.thing('trash-keep').inputValue()).toBe('30');
    await window.click(`${row} trash-undelete`);
    await window.gone('trash-dialog');
    await window.sees('file-row[data-path=letter]');

    await window.deleteVolume(name);
    await window.click('trash-open');
    await window.click(`${row} trash-remove`);
    expect(await window.says('question')).toMatch(/cannot be undone/);
    await window.click('confirm');
    await window.sees('trash-dialog');
    await window.gone(row);
    await window.click('trash-close');
  });

  it('comes back into its folder, by the keyboard', async () => {
    const name = freshName('files');
    await window.makeVolume(name);
    await window.put({ name: 'a', content: '1' }, { name: 'b', content: '22' });
    await window.thing('file-grid').focus();
    await window.press('Control+a');
    await window.press('Delete');
    await window.sees('files-empty');
    expect(await window.says('toast')).toMatch(/2 items deleted/);
    await window.press('Control+z');
    await window.sees('file-row[data-path=b]');
    expect(await window.files()).toEqual(['a', 'b']);
    await window.deleteVolume(name);
  });
});

describe('a volume', () => {
  it('becomes one file, and such a file a volume', async () => {
    const desk = await mkdtemp(join(tmpdir(), 'cairn-exchange-'));
    const name = freshName('traveller');
    await window.makeVolume(name);
    await window.put({ name: 'letter', content: 'Dear Ada' });
    for (const format of ['qcow2', 'tar']) {
      await window.click('volume-menu');
      await window.click('volume-export');
      await window.click(`export-${format}`);
      await window.type('export-file', 'relative');
      expect(await window.thing('export-submit').isEnabled()).toBe(false);
      if (format === 'tar') expect(await complaints(window.page, 'all')).toEqual([]);
      await window.type('export-file', join(desk, `copy.${format}`));
      await window.click('export-submit');
      await window.sees(`transfer-row[data-title="copy.${format}"][data-state=done]`);

      await window.click('import-open');
      if (format === 'tar') {
        // One of this computer's own is sent.
        const chooser = window.page.waitForEvent('filechooser');
        await window.click('import-choose');
        await (await chooser).setFiles(join(desk, 'copy.tar'));
        expect(await window.says('import-dialog')).toMatch(/sent to Cairn first/);
      } else await window.type('import-file', join(desk, `copy.${format}`));
      expect(await window.thing('import-name').inputValue()).toMatch(/^copy/);
      if (format === 'qcow2') expect(await complaints(window.page, 'all')).toEqual([]);
      await window.type('import-name', `${name} ${format}`);
      await window.click('import-submit');
      await window.click(`volume-row[data-name="${name} ${format}"]`);
      await window.sees('file-row[data-path=letter]');
    }
    // Dropped on a volume it is unpacked there, or put there as it is.
    await window.thing('file-grid').focus();
    await window.press('Control+a');
    await window.press('Delete');
    await window.sees('files-empty');
    await window.click('transfers-clear');
    const dropped = { name: 'copy.tar', content: await readFile(join(desk, 'copy.tar'), 'latin1') };
    await window.drop([dropped]);
    await window.sees('unpack-dialog');
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('unpack-submit');
    await window.sees('file-row[data-path=letter]');
    await window.drop([dropped]);
    await window.click('unpack-as-file');
    await window.sees('file-row[data-path="copy.tar"]');
    // There is a file already; the engine says so in the dialog.
    await window.click('volume-menu');
    await window.click('volume-export');
    await window.click('export-tar');
    await window.type('export-file', join(desk, 'copy.tar'));
    await window.click('export-submit');
    expect(await window.says('dialog-error')).toMatch(/already/);
    await window.click('cancel');
    for (const made of [name, `${name} qcow2`, `${name} tar`]) await window.deleteVolume(made);
    await rm(desk, { recursive: true });
  });
});

describe('a folder of the computer', () => {
  it('is kept in step, and left alone when that is said', async () => {
    const desk = await mkdtemp(join(tmpdir(), 'cairn-watched-'));
    await writeFile(join(desk, 'letter'), 'Dear Ada');
    await writeFile(join(desk, 'noise.log'), 'noise');
    const name = freshName('followed');
    await window.makeVolume(name);
    await window.click('upload-button');
    await window.click('upload-watch');
    await window.type('watch-file', 'relative');
    expect(await window.thing('watch-submit').isEnabled()).toBe(false);
    await window.type('watch-file', join(desk, 'none'));
    await window.click('watch-submit');
    expect(await window.says('dialog-error')).toMatch(/no folder/);
    await window.type('watch-file', desk);
    await window.type('watch-ignore', '*.log');
    await window.click('watch-delete');
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('watch-submit');
    await window.sees('file-row[data-path=letter]');
    await writeFile(join(desk, 'second'), 'Dear Grace');
    await rm(join(desk, 'letter'));
    await window.sees('file-row[data-path=second]');
    await window.gone('file-row[data-path=letter]');
    expect(await window.files()).toEqual(['second']);
    await window.click('pane-space');
    await window.sees('watch-row[data-state=watching]');
    expect(await window.says('watch-row')).toMatch(/1 item .*deletes, too/s);
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('watch-remove');
    await window.sees('watches-none');
    await window.deleteVolume(name);
    await rm(desk, { recursive: true });
  });
});

describe('a file of the web', () => {
  it('comes into the folder that is looked at', async () => {
    const content = 'seed '.repeat(50_000);
    const desk = await mkdtemp(join(tmpdir(), 'cairn-seeds-'));
    await writeFile(join(desk, 'seedling'), 'green');
    execFileSync('tar', ['-cf', join(desk, 'seeds.tar'), '-C', desk, 'seedling']);
    const archive = await readFile(join(desk, 'seeds.tar'));
    await rm(desk, { recursive: true });
    const server = createServer(({ url }, answer) => {
      answer.end(url?.startsWith('/seeds.tar') ? archive : content);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const name = freshName('seeded');
    await window.makeVolume(name);
    await window.click('upload-button');
    await window.click('upload-fetch');
    await window.type('fetch-url', 'seeds.txt');
    expect(await window.thing('fetch-submit').isEnabled()).toBe(false);
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.type('fetch-url', `http://127.0.0.1:${address.port}/seeds.txt`);
    await window.click('fetch-submit');
    await window.sees('transfer-row[data-title="seeds.txt"][data-state=done]');
    await window.sees('file-row[data-path="seeds.txt"]');
    // What is in an archive comes instead of it, when that is said.
    await window.click('upload-button');
    await window.click('upload-fetch');
    await window.type('fetch-url', `http://127.0.0.1:${address.port}/seeds.txt`);
    await window.gone('fetch-unpack');
    await window.type('fetch-url', `http://127.0.0.1:${address.port}/seeds.tar?raw=1`);
    await window.click('fetch-unpack');
    await window.sees('fetch-conflict');
    expect(await complaints(window.page, 'all')).toEqual([]);
    await window.click('fetch-submit');
    await window.sees('transfer-row[data-title="seeds.tar"][data-state=done]');
    await window.sees('file-row[data-path=seedling]');
    expect(await window.files()).toEqual(['seedling', 'seeds.txt']);
    await window.deleteVolume(name);
    server.close();
  });
});

describe('the clipboard', () => {
  it('becomes a file, by a key or from the menu, and takes no other file’s place', async () => {
    const name = freshName('pasted');
    await window.makeVolume(name);
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await window.page.evaluate(() => navigator.clipboard.writeText('Dear Ada'));
    await window.press('Control+v');
    await window.sees('file-row[data-path="Pasted text.txt"]');
    await window.click('upload-button');
    await window.click('upload-paste');
    await window.sees('file-row[data-path="Pasted text 2.txt"]');
    // What goes into a field stays there.
    await window.thing('file-filter').focus();
    await window.press('Control+v');
    expect(await window.thing('file-filter').inputValue()).toBe('Dear Ada');
    await window.thing('file-filter').fill('');
    expect(await window.files()).toEqual(['Pasted text 2.txt', 'Pasted text.txt']);
    await window.deleteVolume(name);
  });
});

describe('a transfer', () => {
  it('rests, goes on where it was, and is tried again when it failed', async () => {
    const content = Buffer.alloc(3 << 20, 'cairn ');
    const half = 1 << 20;
    let broken = true;
    const asked: string[] = [];
    const server = createServer((request, answer) => {
      asked.push(request.headers.range ?? 'all');
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0] ?? 0);
      const head = { etag: '"one"', 'content-length': content.length - from };
      if (request.url === '/broken.bin' && broken) answer.writeHead(404).end();
      else if (from > 0) {
        const range = `bytes ${from}-${content.length - 1}/${content.length}`;
        answer.writeHead(206, { ...head, 'content-range': range }).end(content.subarray(from));
      } else if (request.url === '/broken.bin') answer.writeHead(200, head).end(content);
      else {
        // It goes on so slowly that it never ends.
        answer.writeHead(200, head).write(content.subarray(0, half));
        const drops = setInterval(() => answer.write(content.subarray(half, half + 1024)), 150);
        answer.on('close', () => clearInterval(drops));
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const name = freshName('patient');
    await window.makeVolume(name);
    const fetch = async (file: string) => {
      await window.click('upload-button');
      await window.click('upload-fetch');
      await window.type('fetch-url', `http://127.0.0.1:${address.port}/${file}`);
      await window.click('fetch-submit');
      return `transfer-row[data-title="${file}"]`;
    };
    const slow = await fetch('slow.bin');
    await expect.poll(() => window.says(slow)).toMatch(/1(\.\d+)? of 3 MiB/);
    await window.click(`${slow} transfer-pause`);
    await window.sees(`${slow}[data-state=paused]`);
    expect(await window.says(slow)).toMatch(/Paused at 1(\.\d+)? of 3 MiB/);
    expect(await window.says('transfers')).toMatch(/1 paused/);
    expect(await complaints(window.page, 'all')).toEqual([]);
    // It is the engine's: a window that is drawn anew shows it as it is.
    await window.page.reload();
    await window.click(`${slow} transfer-resume`);
    await window.sees(`${slow}[data-state=done]`);
    expect(asked).toEqual(['all', expect.stringMatching(/^bytes=1\d{6}-$/)]);

    const failing = await fetch('broken.bin');
    await window.sees(`${failing}[data-state=failed]`);
    expect(await window.says(failing)).toMatch(/404/);
    broken = false;
    await window.click(`${failing} transfer-retry`);
    await window.sees(`${failing}[data-state=done]`);
    await window.sees('file-row[data-path="broken.bin"]');
    await window.click('transfers-clear');
    await window.deleteVolume(name);
    server.closeAllConnections();
    server.close();
  });
});
