/**
 * What the engine says, in another language. It speaks English, and its English sentence is the name of the message, as gettext
 * has it: message files (`de/sentences/`, `ja/sentences/`) pair the template that stands in the Rust source with a translation.
 *
 *     "The volume '{}' is {how} at {}: {error}."  →  "Das Volume „{0}“ ist unter {1} {how!}: {error?}."
 *
 * Placeholders keep their names; `{}` are counted, and `{0}`, `{1}` say which one where the order is another. `{how!}` stands
 * for something that the engine says, too, and is translated; `{error?}` for what it may quote of others, which stays as it is
 * where it is not known. Everything else is put in as it is: a name may look like a sentence. What is read here comes from
 * guests and other programs, so that the work on each text has a bound.
 */
import { fillings, firstOf, Shelf, type Found, type Slot } from './templates';

/** English templates, and what they are in the other language. */
export type Sentences = Readonly<Record<string, string>>;

/** How a language puts sentences and sizes together. */
export interface Tongue {
  /** What stands between two sentences. */
  between: string;
  /** What stands between things in a row. */
  row: string;
  /** What stands between the halves of a sentence. */
  half: string;
  /** What ends a sentence. */
  stop: string;
  /** What stands before the tenths of a number. */
  point: string;
  /** What the units of a size are called, where that is not what the engine calls them. */
  units: Readonly<Record<string, string>>;
}

export interface Words {
  tongue: Tongue;
  sentences: readonly Sentences[];
}

/** Something in the other language, and how many causes in it were not known and are as they were. */
interface Told {
  text: string;
  unknown: number;
}

/** A template that a text fits, and what becomes of the end of its translation. */
interface Reading extends Found {
  ended: (told: string) => string;
}

/** Longer than anything that the engine says; whoever sends more waits for no translation. */
const LONGEST = 3000;
/** More sentences in one text, and more names in a row, are not taken apart. */
const MOST_PARTS = 16;
/** Causes of causes of causes. */
const DEEPEST = 4;
/** So many times something is looked up for one text, at most. */
const MOST_LOOKS = 150;
/** So many templates that fit are weighed against each other. */
const MOST_FITTING = 6;
const SIZE = /^(\d+)(?:\.(\d))? (byte|bytes|[KMGTPE]iB)$/;
/** "cause (more about it)" */
const NOTED = /^([^(]+) \(([^()]*)\)$/s;

/** A text of the engine in another language; null when it is not known there. */
export type Translate = (text: string) => string | null;

export function translator({ tongue, sentences }: Words): Translate {
  let shelf: Shelf | null = null;
  return (text) => {
    if (text.length > LONGEST) return null;
    // Not before something is said: a window opens sooner so.
    shelf ??= new Shelf(sentences.flatMap((some) => Object.entries(some)));
    return new Reader(shelf, tongue).read(text);
  };
}

/** Reads one text. */
class Reader {
  #looks = MOST_LOOKS;

  constructor(
    readonly shelf: Shelf,
    readonly tongue: Tongue,
  ) {}

  read(text: string): string | null {
    return this.#sentences(text, 0)?.text ?? null;
  }

  /** Several sentences that follow each other, all of which have to be known, or a single one. */
  #sentences(text: string, depth: number): Told | null {
    const ends = [...text.matchAll(/[.!?] (?=\S)/g)].map(({ index }) => index + 1);
    if (ends.length > MOST_PARTS) return this.#one(text, depth);
    const known = new Map<number, Told | null>();
    const from = (start: number): Told | null => {
      const seen = known.get(start);
      if (seen !== undefined) return seen;
      const told = split(start) ?? this.#one(text.slice(start), depth);
      known.set(start, told);
      return told;
    };
    const split = (start: number): Told | null => {
      for (const end of ends.filter((one) => one > start)) {
        const head = this.#one(text.slice(start, end), depth);
        const rest = head === null ? null : from(end + 1);
        if (head !== null && rest !== null) return joined([head, rest], this.tongue.between);
      }
      return null;
    };
    return from(0);
  }

  #one(text: string, depth: number): Told | null {
    return this.#best(text, depth) ?? this.#both(text, depth);
  }

  /** "it does not answer; look whether it runs" */
  #both(text: string, depth: number): Told | null {
    const at = text.lastIndexOf('; ');
    const head = at < 0 ? null : this.#best(text.slice(0, at), depth);
    const rest = head === null ? null : this.#one(text.slice(at + 2), depth);
    return head && rest && joined([head, rest], this.tongue.half);
  }

  /** Of the readings, the one that leaves the least in English, and of these the one whose template says the most. */
  #best(text: string, depth: number): Told | null {
    let best: (Told & { isOpen: boolean }) | null = null;
    for (const reading of this.#readings(text, depth)) {
      const { isOpen } = reading.template;
      // Before what an open one says anything may stand: it counts where nothing else does.
      if (best !== null && (best.unknown === 0 || (isOpen && !best.isOpen))) break;
      const told = this.#told(reading, depth);
      if (told === null || (best !== null && told.unknown >= best.unknown)) continue;
      best = { ...told, text: reading.ended(told.text), isOpen };
    }
    return best;
  }

  /** The templates that a text fits. A cause becomes a sentence by a stop at its end, and a sentence a cause without it. */
  #readings(text: string, depth: number): Reading[] {
    if (this.#looks-- <= 0) return [];
    const { stop } = this.tongue;
    const fitting = (form: string, ended: Reading['ended']) =>
      [...firstOf(this.shelf.fitting(form), MOST_FITTING)].map((found) => ({ ...found, ended }));
    const readings = fitting(text, (told) => told);
    if (text.endsWith('.')) {
      // The stop is the sentence's, not a part of what stands at its end.
      const closed = readings.filter(({ template }) => !template.isEndOpen);
      const causes = fitting(text.slice(0, -1), (told) => told + stop);
      return [...closed, ...causes].sort(byWorth);
    }
    const bare = (told: string) => (told.endsWith(stop) ? told.slice(0, -stop.length) : told);
    return depth === 0 ? readings : [...readings, ...fitting(`${text}.`, bare)].sort(byWorth);
  }

  /** Null when something of the engine's own in it is not known. */
  #told({ template, filled }: Found, depth: number): Told | null {
    const pieces: Told[] = [];
    for (const one of template.told) {
      const piece = typeof one === 'string' ? asItIs(one) : this.#put(one, filled, depth);
      if (piece === null) return null;
      pieces.push(piece);
    }
    return joined(pieces, '');
  }

  #put({ name, clause }: Slot, filled: Map<string, string>, depth: number): Told | null {
    const text = filled.get(name) ?? '';
    if (clause === 'no') return asItIs(text);
    const told = this.#clause(text, depth + 1);
    return told ?? (clause === 'maybe' ? { text, unknown: 1 } : null);
  }

  /** What fills a place: a size, things in a row, a cause, or one with its own behind it; null when it is not the engine's. */
  #clause(text: string, depth: number): Told | null {
    const size = SIZE.exec(text);
    if (text === '' || size) return asItIs(size ? sized(size, this.tongue) : text);
    if (depth > DEEPEST) return null;
    // The operating system begins with a capital letter what the engine says in the middle of a sentence.
    const small = text.charAt(0).toLowerCase() + text.slice(1);
    return this.#cause(text, depth) ?? (small === text ? null : this.#cause(small, depth));
  }

  /** Of the ways to read it, the one that leaves the least in English. */
  #cause(text: string, depth: number): Told | null {
    let best: Told | null = null;
    for (const read of [this.#row, this.#sentences, this.#chain, this.#noted, this.#tail]) {
      const told = read.call(this, text, depth);
      if (told !== null && (best === null || told.unknown < best.unknown)) best = told;
      if (best?.unknown === 0) break;
    }
    return best;
  }

  /** "cat (process 12), vim (process 13)" */
  #row(text: string, depth: number): Told | null {
    const items = text.split(', ');
    if (items.length < 2 || items.length > MOST_PARTS) return null;
    const [whole] = this.#readings(text, depth);
    const [last] = this.#readings(items[items.length - 1] ?? '', depth);
    // Else it is one thing, at the end of which there are some in a row.
    if (whole && whole.template !== last?.template) return null;
    const told = items.map((item) => this.#best(item, depth));
    return told.every((one) => one !== null) ? joined(told, this.tongue.row) : null;
  }

  /** "could not reach the machine: connection refused" */
  #chain(text: string, depth: number): Told | null {
    const at = text.search(/[:;] /);
    const head = at < 0 ? null : this.#best(text.slice(0, at), depth);
    if (head === null) return null;
    const why = text.slice(at + 2);
    const rest = this.#clause(why, depth + 1) ?? { text: why, unknown: 1 };
    return joined([head, rest], text.slice(at, at + 2));
  }

  /** "permission denied (os error 13)" */
  #noted(text: string, depth: number): Told | null {
    const [, head = '', note = ''] = NOTED.exec(text) ?? [];
    const told = head === '' ? null : this.#best(head, depth);
    return told && { ...told, text: `${told.text} (${note})` };
  }

  /** Names, and behind them how many more there are: "a, b and 3 more". */
  #tail(text: string, depth: number): Told | null {
    for (const one of this.shelf.tails) {
      const at = text.lastIndexOf(one.literals[0] ?? '');
      const filled = at < 0 ? null : fillings(one, text.slice(at));
      if (filled === null) continue;
      const more = this.#told({ template: one, filled }, depth);
      if (more !== null) return joined([asItIs(text.slice(0, at)), more], '');
    }
    return null;
  }
}

const byWorth = (a: Reading, b: Reading) =>
  Number(a.template.isOpen) - Number(b.template.isOpen) || b.template.weight - a.template.weight;

const asItIs = (text: string): Told => ({ text, unknown: 0 });

function joined(parts: readonly Told[], between: string): Told {
  const unknown = parts.reduce((sum, part) => sum + part.unknown, 0);
  return { text: parts.map(({ text }) => text).join(between), unknown };
}

function sized([, whole = '', tenth, unit = '']: RegExpExecArray, tongue: Tongue): string {
  const number = tenth === undefined ? whole : whole + tongue.point + tenth;
  return `${number} ${tongue.units[unit] ?? unit}`;
}
