/**
 * A terminal as a serial console wants one: text with colours, the cursor's moves, erasing. It knows lines, not the DOM.
 *
 * It answers no question of the guest's: what is read may have been printed long ago.
 */

/** What a guest on a serial line takes the terminal's size to be. */
export const COLUMNS = 80;
export const ROWS = 24;
/** So many lines are kept. */
const KEPT = 5000;
/** A sequence longer than this is none. */
const LONGEST_SEQUENCE = 256;

/** How a letter looks. Colours are 1 to 16, 0 for the terminal's own. */
export interface Look {
  ink: number;
  ground: number;
  bold: boolean;
  dim: boolean;
  underlined: boolean;
  inverse: boolean;
}

/** Neighbours of one look. */
export interface Span {
  text: string;
  look: Look;
  /** The letter that the cursor stands on. */
  cursor: boolean;
}

/** A line as it is drawn; another object whenever something of it changes. */
export interface Row {
  id: number;
  spans: readonly Span[];
}

interface Cell {
  letter: string;
  look: Look;
}

interface Line {
  id: number;
  cells: Cell[];
  /** `null` while it has to be made anew. */
  row: Row | null;
}

const PLAIN: Look = {
  ink: 0,
  ground: 0,
  bold: false,
  dim: false,
  underlined: false,
  inverse: false,
};

/** What `ESC [ … m` makes of a look. */
function restyle(look: Look, codes: readonly number[]): Look {
  let next = look;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      // One of 256 colours, or a mixed one: the first sixteen are known, of others the ground stays what it was.
      const wide = codes[at + 1] === 2;
      const colour = codes[at + 2] ?? 0;
      if (!wide && colour < 16) {
        next = { ...next, [code === 38 ? 'ink' : 'ground']: colour + 1 };
      }
      at += wide ? 4 : 2;
    } else next = restyled(next, code);
  }
  return next;
}

function restyled(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 4) return { ...look, underlined: true };
  if (code === 7) return { ...look, inverse: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 24) return { ...look, underlined: false };
  if (code === 27) return { ...look, inverse: false };
  if (code >= 30 && code <= 37) return { ...look, ink: code - 29 };
  if (code === 39) return { ...look, ink: 0 };
  if (code >= 40 && code <= 47) return { ...look, ground: code - 39 };
  if (code === 49) return { ...look, ground: 0 };
  if (code >= 90 && code <= 97) return { ...look, ink: code - 81 };
  if (code >= 100 && code <= 107) return { ...look, ground: code - 91 };
  return look;
}

/** Where a sequence that begins at `start` ends, exclusive; `null` when the rest of it has not come yet. */
function sequenceEnd(text: string, start: number): number | null {
  const kind = text[start + 1];
  if (kind === undefined) return null;
  if (kind === '[') {
    for (let at = start + 2; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x40 && code <= 0x7e) return at + 1;
      if (code < 0x20) return at;
    }
    return null;
  }
  if (kind === ']' || kind === 'P') {
    for (let at = start + 2; at < text.length; at++) {
      if (text[at] === '\x07') return at + 1;
      if (text[at] === '\x1b') return at + 1 < text.length ? at + 2 : null;
    }
    return null;
  }
  const length = '()*+#'.includes(kind) ? 3 : 2;
  return start + length <= text.length ? start + length : null;
}

export class Terminal {
  #lines: Line[] = [];
  #next = 0;
  #row = 0;
  #column = 0;
  #look = PLAIN;
  #saved = { row: 0, column: 0 };
  /** A sequence of which only the beginning has come. */
  #begun = '';

  constructor() {
    this.#addLine();
  }

  /** Shows what the guest printed. */
  feed(printed: string): void {
    const text = this.#begun + printed;
    this.#begun = '';
    let at = 0;
    for (const letter of lettersOf(text)) {
      // What a sequence took is behind already.
      if (letter.at < at) continue;
      if (letter.text !== '\x1b') {
        this.#print(letter.text);
        at = letter.at + letter.text.length;
        continue;
      }
      const end = sequenceEnd(text, letter.at);
      if (end === null) {
        const rest = text.slice(letter.at);
        if (rest.length < LONGEST_SEQUENCE) this.#begun = rest;
        return;
      }
      this.#sequence(text.slice(letter.at + 1, end));
      at = end;
    }
  }

  /** The lines from the oldest to the newest; those that have not changed are the same objects as before. */
  rows(): Row[] {
    return this.#lines.map((line, index) => (line.row ??= this.#draw(line, index)));
  }

  /** Everything as plain text. */
  text(): string {
    return this.#lines
      .map(({ cells }) =>
        cells
          .map(({ letter }) => letter)
          .join('')
          .trimEnd(),
      )
      .join('\n');
  }

  #draw(line: Line, index: number): Row {
    const cells = [...line.cells];
    const here = index === this.#row ? Math.min(this.#column, COLUMNS - 1) : -1;
    while (cells.length <= here) cells.push({ letter: ' ', look: PLAIN });
    const spans: Span[] = [];
    cells.forEach(({ letter, look }, column) => {
      const last = spans.at(-1);
      const cursor = column === here;
      if (last && !cursor && !last.cursor && last.look === look) last.text += letter;
      else spans.push({ text: letter, look, cursor });
    });
    return { id: line.id, spans };
  }

  #addLine(): void {
    this.#lines.push({ id: this.#next++, cells: [], row: null });
  }

  /** The first line that the cursor can be moved to. */
  get #top(): number {
    return Math.max(0, this.#lines.length - ROWS);
  }

  #line(): Line {
    const line = this.#lines[this.#row];
    if (!line) throw new RangeError('The cursor is outside of the terminal.');
    line.row = null;
    return line;
  }

  /** Moves the cursor; the line that it leaves and the one that it comes to are drawn anew. */
  #go(row: number, column: number): void {
    this.#line();
    this.#row = row;
    this.#column = column;
    this.#line();
  }

  #print(letter: string): void {
    if (letter === '\n') this.#feedLine();
    else if (letter === '\r') this.#go(this.#row, 0);
    else if (letter === '\b') this.#go(this.#row, Math.max(0, this.#column - 1));
    else if (letter === '\t')
      this.#go(this.#row, Math.min(COLUMNS - 1, (Math.floor(this.#column / 8) + 1) * 8));
    else if (letter >= ' ' && letter !== '\x7f') this.#write(letter);
  }

  #write(letter: string): void {
    if (this.#column >= COLUMNS) {
      this.#feedLine();
      this.#column = 0;
    }
    const { cells } = this.#line();
    while (cells.length < this.#column) cells.push({ letter: ' ', look: PLAIN });
    cells[this.#column] = { letter, look: this.#look };
    this.#column += 1;
  }

  #feedLine(): void {
    this.#line();
    if (this.#row === this.#lines.length - 1) this.#addLine();
    this.#row += 1;
    this.#line();
    const surplus = this.#lines.length - KEPT;
    if (surplus <= 0) return;
    this.#lines.splice(0, surplus);
    this.#row -= surplus;
  }

  /** What stands behind an ESC. */
  #sequence(text: string): void {
    if (text === 'c') this.#reset();
    else if (text === '7') this.#saved = { row: this.#row, column: this.#column };
    else if (text === '8') this.#place(this.#saved.row, this.#saved.column);
    else if (text.startsWith('[') && !/[<=>?]/.test(text)) {
      const numbers = text.slice(1, -1).split(';').map(Number);
      this.#control(
        text.at(-1) ?? '',
        numbers.map((number) => (Number.isFinite(number) ? number : 0)),
      );
    }
  }

  #reset(): void {
    this.#look = PLAIN;
    this.#erase(2);
    this.#place(this.#top, 0);
  }

  #control(what: string, numbers: number[]): void {
    const [first = 0, second = 0] = numbers;
    const by = Math.max(1, first);
    if (what === 'm') this.#look = restyle(this.#look, numbers);
    else if (what === 'A') this.#place(this.#row - by, this.#column);
    else if (what === 'B') this.#place(this.#row + by, this.#column);
    else if (what === 'C') this.#place(this.#row, this.#column + by);
    else if (what === 'D') this.#place(this.#row, this.#column - by);
    else if (what === 'G') this.#place(this.#row, by - 1);
    else if (what === 'd') this.#place(this.#screenRow(by), this.#column);
    else if (what === 'H' || what === 'f')
      this.#place(this.#screenRow(by), Math.max(1, second) - 1);
    else if (what === 'J') this.#erase(first);
    else if (what === 'K') this.#eraseLine(first);
    else if (what === 'P') this.#line().cells.splice(this.#column, by);
    else if (what === 's') this.#saved = { row: this.#row, column: this.#column };
    else if (what === 'u') this.#place(this.#saved.row, this.#saved.column);
  }

  /** The line that is number `number` on the screen; lines that are not there yet are made. */
  #screenRow(number: number): number {
    const row = this.#top + Math.min(number, ROWS) - 1;
    while (this.#lines.length <= row) this.#addLine();
    return row;
  }

  #place(row: number, column: number): void {
    const inside = Math.min(Math.max(row, this.#top), this.#lines.length - 1);
    this.#go(inside, Math.min(Math.max(column, 0), COLUMNS - 1));
  }

  #eraseLine(which: number): void {
    const { cells } = this.#line();
    if (which === 0) cells.splice(this.#column);
    else if (which === 2) cells.splice(0);
    else
      for (let at = 0; at <= Math.min(this.#column, cells.length - 1); at++)
        cells[at] = { letter: ' ', look: PLAIN };
  }

  #erase(which: number): void {
    const [from, to] =
      which === 0
        ? [this.#row + 1, this.#lines.length]
        : [this.#top, which === 1 ? this.#row : this.#lines.length];
    for (const line of this.#lines.slice(from, to)) {
      line.cells = [];
      line.row = null;
    }
    if (which < 2) this.#eraseLine(which);
  }
}

/** The letters of a text, each whole, with where it begins. */
function* lettersOf(text: string): Generator<{ text: string; at: number }> {
  let at = 0;
  for (const letter of text) {
    yield { text: letter, at };
    at += letter.length;
  }
}

/** What keys that print nothing send. */
const KEYS: Record<string, string> = {
  Enter: '\r',
  Backspace: '\x7f',
  Tab: '\t',
  Escape: '\x1b',
  ArrowUp: '\x1b[A',
  ArrowDown: '\x1b[B',
  ArrowRight: '\x1b[C',
  ArrowLeft: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  Delete: '\x1b[3~',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
};

/** What a key sends, or `null` when it is not for the guest, or comes as text. */
export function keyBytes(event: {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}): string | null {
  if (event.metaKey) return null;
  const special = KEYS[event.key];
  if (special !== undefined && !event.ctrlKey) return special;
  if (event.key.length !== 1) return null;
  if (event.ctrlKey && !event.altKey) {
    const code = event.key.toUpperCase().charCodeAt(0);
    return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : null;
  }
  return null;
}
