/**
 * The pictures of the guide and the README: one walk from an empty store to a restored file, in a real window against a
 * real engine and a real machine. `CAIRN_PICTURES` is the folder for them.
 */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { closeBrowser, MACHINE_PATIENCE, Window } from '../e2e/window';

const folder = process.env['CAIRN_PICTURES'];
if (!folder) throw new Error('CAIRN_PICTURES is not set: it says where the pictures go.');

afterAll(closeBrowser);

/** Keeps what the window shows, when nothing moves any more. */
async function picture(window: Window, name: string): Promise<void> {
  await window.page.mouse.move(640, 799);
  await window.page.evaluate(() => document.fonts.ready.then(() => undefined));
  await window.page.screenshot({ path: join(folder ?? '', `${name}.png`), animations: 'disabled' });
}

async function dismissMessages(window: Window): Promise<void> {
  const messages = window.thing('toast-dismiss');
  while ((await messages.count()) > 0) await messages.first().click();
}

const NOTES = `Field notes, day 12

The cairn at the northern ridge stands. Two stones were added;
the path below it has moved by about a metre since spring.
`;
const TEMPERATURES = Array.from(
  { length: 40 },
  (_, day) =>
    `2026-10-${String((day % 31) + 1).padStart(2, '0')},${(8 + Math.sin(day) * 4).toFixed(1)}`,
).join('\n');

it('shows the way from nothing to a restored file', async () => {
  const window = await Window.open();
  await window.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await window.sees('vm-demo');
  await picture(window, 'welcome');

  await window.click('new-volume');
  await window.type('new-volume-name', 'expedition');
  await picture(window, 'new-volume');
  await window.click('new-volume-create');
  await window.sees('files-empty');
  await dismissMessages(window);

  const files = [
    { name: 'notes.txt', content: NOTES },
    { name: 'temperatures.csv', content: TEMPERATURES },
    { name: 'route.gpx', content: '<gpx version="1.1"></gpx>\n'.repeat(2000) },
    { name: 'read me.md', content: '# Expedition\n\nWhat we found at the northern ridge.\n' },
  ];
  await window.drag(files);
  await picture(window, 'drop');
  await window.drop(files);
  await window.sees('transfer-row[data-state=done]');
  await window.sees('file-grid[data-count="4"]');
  await picture(window, 'files');
  await window.click('transfers-clear');

  await window.thing('file-row[data-path="notes.txt"]').dblclick();
  await window.sees('preview[data-kind=text]');
  await picture(window, 'look');
  await window.press('Escape');
  await window.keep('before the machine');
  await dismissMessages(window);

  await window.click('pane-files');
  await window.click('mount-open');
  await picture(window, 'mount');
  await window.click('mount-submit');
  await window.sees('vm-card[data-name=demo][data-status=active]', MACHINE_PATIENCE);
  await window.sees('mount-chip[data-path="/data"][data-status=attached]', MACHINE_PATIENCE);
  await window.click('vm-card[data-name=demo] vm-console');
  await window.page.keyboard.type(
    'ls -l /data; echo "a line from inside" >> /data/notes.txt; rm /data/route.gpx; sync\n',
  );
  await expect
    .poll(() => window.says('console-output'), { timeout: 60_000 })
    .toMatch(/temperatures\.csv[^]*\$ *$|# *$/);
  await picture(window, 'console');
  await window.press('Control+]');
  await window.gone('console-dialog');
  await dismissMessages(window);
  // What a guest does by itself nobody tells: the list is read again until it shows.
  const left = async () => {
    await window.press('Control+k');
    await window.page.keyboard.type('Read everything again');
    await window.press('Enter');
    await window.gone('palette');
    return window.thing('file-row[data-path="route.gpx"]').count();
  };
  await expect.poll(left, { timeout: 60_000, interval: 1000 }).toBe(0);
  await picture(window, 'machine');

  await window.keep('after the machine');
  await dismissMessages(window);
  await window.click('mount-chip[data-path="/data"] unmount');
  await window.gone('mount-chip');
  await window.click('pane-timeline');
  await window.sees('checkpoint-row[data-name="before the machine"]');
  await dismissMessages(window);
  await picture(window, 'timeline');
  await window.click('checkpoint-row[data-name="before the machine"] checkpoint-restore');
  await window.sees('restore-preview');
  await picture(window, 'restore');
  await window.press('Escape');

  await window.click('checkpoint-row[data-name="before the machine"] checkpoint-browse');
  await window.click('file-row[data-path="route.gpx"]');
  await picture(window, 'past');
  await window.click('selection-put-back');
  await window.click('confirm');
  await window.click('past-leave');
  await window.sees('file-row[data-path="route.gpx"]');
  await window.page.emulateMedia({ colorScheme: 'dark' });
  await dismissMessages(window);
  await picture(window, 'restored');

  await window.deleteVolume('expedition');
  await window.click('trash-open');
  await window.sees('trash-row[data-name=expedition]');
  await picture(window, 'trash');
  await window.click('trash-undelete');
  await window.sees('volume-row[data-name=expedition]');
  await window.click('vm-card[data-name=demo] vm-stop');
  await window.sees('vm-card[data-name=demo][data-status=stopped]', MACHINE_PATIENCE);
  await window.close();
});
