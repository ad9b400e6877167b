/**
 * The words in which the stories are told: a window is a page of Chromium that shows Cairn, and
 * things in it are named by their marks (`data-testid`).
 */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

export function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it says what the stories are to talk to.`);
  return value;
}

export const url = needed('CAIRN_URL').replace(/\/$/, '');
export const key = needed('CAIRN_KEY');

/** Things happen after events, not after times; this is when to stop waiting for one. */
const PATIENCE = 30_000;
/** The same for a machine that has to start first, under emulation and beside other work. */
export const MACHINE_PATIENCE = 120_000;

let browser: Browser | undefined;

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = undefined;
}

/** A file as a story drops it. */
export interface Dropped {
  name: string;
  content: string;
}

export class Window {
  /** What went wrong in the page itself: exceptions, and what the content security policy blocked. */
  readonly defects: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.defects.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) this.defects.push(message.text());
    });
  }

  /** Opens Cairn; `address` is what follows the server's. */
  static async open(address = `/?key=${key}`): Promise<Window> {
    browser ??= await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
    });
    const window = new Window(await context.newPage());
    await window.page.goto(url + address);
    return window;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** The thing with a mark: `volume-row[data-name=photos]`, or one thing in another. */
  thing(marks: string): Locator {
    const parts = marks.match(/[^\s[]+(\[[^\]]*\])*/g) ?? [];
    const selector = parts.map((part) => part.replace(/^[^[]+/, '[data-testid="$&"]')).join(' ');
    return this.page.locator(selector);
  }

  /** Waits until a thing is there and shown. */
  async sees(marks: string, patience = PATIENCE): Promise<Locator> {
    const found = this.thing(marks).first();
    await found.waitFor({ state: 'visible', timeout: patience });
    return found;
  }

  /** Waits until a thing is gone. */
  gone(marks: string): Promise<void> {
    return this.thing(marks).first().waitFor({ state: 'detached' });
  }

  click(marks: string): Promise<void> {
    return this.thing(marks).first().click();
  }

  type(marks: string, text: string): Promise<void> {
    return this.thing(marks).first().fill(text);
  }

  press(keys: string): Promise<void> {
    return this.page.keyboard.press(keys);
  }

  /** What a thing says. */
  async says(marks: string): Promise<string> {
    return (await this.sees(marks)).innerText();
  }

  /** The paths of the files in view, in their order. */
  async files(): Promise<string[]> {
    const rows = await this.thing('file-row').all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('data-path')) ?? ''));
  }

  /** Drags files over a thing, and answers what the window says will happen. */
  async drag(files: Dropped[], over = 'drop-target'): Promise<string> {
    await this.#dragEvent('dragover', files, over);
    return this.says('drop-hint');
  }

  async drop(files: Dropped[], on = 'drop-target'): Promise<void> {
    await this.#dragEvent('dragover', files, on);
    await this.#dragEvent('drop', files, on);
  }

  async #dragEvent(type: string, files: Dropped[], marks: string): Promise<void> {
    const place = await this.sees(marks);
    const data = await this.page.evaluateHandle((list) => {
      const transfer = new DataTransfer();
      for (const { name, content } of list) transfer.items.add(new File([content], name));
      return transfer;
    }, files);
    const box = await place.boundingBox();
    const [clientX, clientY] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    await place.dispatchEvent(type, { dataTransfer: data, clientX, clientY });
  }

  /** Does what the palette finds for some letters. */
  async command(letters: string): Promise<void> {
    await this.press('Control+k');
    await this.type('palette-input', letters);
    await this.press('Enter');
  }

  /** Makes a volume in the window; it is looked at afterwards. */
  async makeVolume(name: string, size = '64', unit = 'MiB'): Promise<void> {
    await this.click('new-volume');
    await this.type('new-volume-name', name);
    await this.type('new-volume-quota', size);
    await this.thing('new-volume-quota-unit').selectOption(unit);
    await this.click('new-volume-create');
    await this.sees(`volume-row[data-name="${name}"][aria-current]`);
    await this.sees('files-empty');
  }

  /** Puts files into the folder that is looked at; whatever has their names is replaced. */
  async put(...files: Dropped[]): Promise<void> {
    await this.click('pane-files');
    const there = await this.files();
    await this.drop(files);
    if (files.some(({ name }) => there.includes(name))) await this.click('confirm');
    const { name = '' } = files.at(-1) ?? {};
    await this.sees('transfer-row[data-state=done]');
    await this.sees(`file-row[data-path="${name}"]`);
    await this.click('transfers-clear');
    await this.gone('transfer-row');
  }

  /** Keeps the present under a name. */
  async keep(name: string): Promise<void> {
    await this.click('pane-timeline');
    await this.type('checkpoint-name', name);
    await this.click('checkpoint-create');
    await this.sees(`checkpoint-row[data-name="${name}"][data-current=true]`);
  }

  /** An attribute of a thing, once it says so. */
  async tells(marks: string, attribute: string): Promise<string | null> {
    return (await this.sees(marks)).getAttribute(attribute);
  }

  async deleteVolume(name: string): Promise<void> {
    await this.click(`volume-row[data-name="${name}"]`);
    await this.click('volume-menu');
    await this.click('volume-delete');
    await this.gone(`volume-row[data-name="${name}"]`);
  }
}

/** A name that no other story and no earlier run has. */
export const freshName = (what: string): string =>
  `${what} ${Math.random().toString(36).slice(2, 8)}`;
