/**
 * What the engine says, in another language. It speaks English, and its English sentence is the name of the message, as gettext
 * has it: message files (`de/sentences/`, `ja/sentences/`) pair the template that stands in the Rust source with a translation.
 *
 *     "The volume '{}' is mounted {how} at {}."  →  "Das Volume „{0}“ ist unter {1} {how!} eingehängt."
 *
 * Placeholders keep their names; `{}` are counted, and `{0}`, `{1}` say which one where the order is another. `{how!}` stands
 * for something that the engine says, too, and is translated; everything else is put in as it is: a name may look like
 * a sentence. What is read here comes from guests and other programs, so that the work on each text has a bound.
 */
import { fillings, firstOf, Shelf, type Found, type Slot, type Template } from './templates';

/** English templates, and what they are in the other language. */
export type Sentences = Readonly<Record<string, string>>;

/** How a language puts sentences and sizes together. */
export interface Tongue {
  /** What stands between two sentences. */
  between: string;
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

/** Longer than anything that the engine says; whoever sends more waits for no translation. */
const LONGEST = 4000;
/** More sentences in one text, and more names in a row, are not taken apart. */
const MOST_PARTS = 16;
/** Causes of causes of causes. */
const DEEPEST = 4;
/** So many times something is looked up for one text, at most. */
const MOST_LOOKS = 1000;
/** So many templates that fit are weighed against each other. */
const MOST_FITTING = 4;
const SIZE = /^(\d+)(?:\.(\d))? (byte|bytes|[KMGTPE]iB)$/;
/** "cause (more about it)" */
const NOTED = /^([^(]+) \(([^()]*)\)$/s;

/** A text of the engine in another language; null when it is not known there. */
export type Translate = (text: string) => string | null;

export function translator({ tongue, sentences }: Words): Translate {
  const shelf = new Shelf(sentences.flatMap((some) => Object.entries(some)));
  return (text) => (text.length > LONGEST ? null : new Reader(shelf, tongue).read(text));
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

  /** One sentence, or a cause: that becomes a sentence by a stop at its end, and the other way round. */
  #one(text: string, depth: number): Told | null {
    const { stop } = this.tongue;
    const told = this.#best(text, depth);
    if (told !== null) return told;
    if (text.endsWith('.')) {
      const cause = this.#best(text.slice(0, -1), depth);
      return cause && { ...cause, text: cause.text + stop };
    }
    const sentence = depth > 0 ? this.#best(`${text}.`, depth) : null;
    return sentence?.text.endsWith(stop)
      ? { ...sentence, text: sentence.text.slice(0, -stop.length) }
      : null;
  }

  /** Of the templates that fit, the one that leaves the least in English, and of these the one that says the most itself. */
  #best(text: string, depth: number): Told | null {
    if (this.#looks-- <= 0) return null;
    let best: Told | null = null;
    for (const found of firstOf(this.shelf.fitting(text), MOST_FITTING)) {
      const told = this.#told(found, depth);
      if (best === null || told.unknown < best.unknown) best = told;
      if (best.unknown === 0) break;
    }
    return best;
  }

  #told({ template, filled }: Found, depth: number): Told {
    const put = ({ name, clause }: Slot): Told => {
      const filling = filled.get(name) ?? '';
      return clause ? this.#clause(filling, depth + 1) : { text: filling, unknown: 0 };
    };
    const piece = (one: string | Slot) =>
      typeof one === 'string' ? { text: one, unknown: 0 } : put(one);
    return joined(template.told.map(piece), '');
  }

  /** What fills a place: a size, names in a row, a cause, one with its own behind it, or something that is not the engine's. */
  #clause(text: string, depth: number): Told {
    const size = SIZE.exec(text);
    if (size) return { text: sized(size, this.tongue), unknown: 0 };
    const unknown = { text, unknown: text === '' ? 0 : 1 };
    if (depth > DEEPEST) return unknown;
    const small = text.charAt(0).toLowerCase() + text.slice(1);
    // The operating system begins with a capital letter what the engine says in the middle of a sentence.
    return this.#cause(text, depth) ?? this.#cause(small, depth) ?? unknown;
  }

  #cause(text: string, depth: number): Told | null {
    return (
      this.#row(text, depth) ??
      this.#sentences(text, depth) ??
      this.#chain(text, depth) ??
      this.#noted(text, depth) ??
      this.#tail(text, depth)
    );
  }

  #template(text: string): Template | null {
    const [found] = [
      ...firstOf(this.shelf.fitting(text), 1),
      ...firstOf(this.shelf.fitting(`${text}.`), 1),
    ];
    return found?.template ?? null;
  }

  /** "cat (process 12), vim (process 13)" */
  #row(text: string, depth: number): Told | null {
    const items = text.split(', ');
    if (items.length < 2 || items.length > MOST_PARTS) return null;
    const [whole, last] = [this.#template(text), this.#template(items[items.length - 1] ?? '')];
    // Else it is one thing, at the end of which there are some in a row.
    if (whole !== null && whole !== last) return null;
    const told = items.map((item) => this.#best(item, depth));
    return told.every((one) => one !== null) ? joined(told, ', ') : null;
  }

  /** "could not reach the machine: connection refused" */
  #chain(text: string, depth: number): Told | null {
    const at = text.search(/[:;] /);
    const head = at < 0 ? null : this.#best(text.slice(0, at), depth);
    if (head === null) return null;
    const rest = this.#clause(text.slice(at + 2), depth + 1);
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
      const names = { text: text.slice(0, at), unknown: 0 };
      return joined([names, this.#told({ template: one, filled }, depth)], '');
    }
    return null;
  }
}

function joined(parts: readonly Told[], between: string): Told {
  const unknown = parts.reduce((sum, part) => sum + part.unknown, 0);
  return { text: parts.map(({ text }) => text).join(between), unknown };
}

function sized([, whole = '', tenth, unit = '']: RegExpExecArray, tongue: Tongue): string {
  const number = tenth === undefined ? whole : whole + tongue.point + tenth;
  return `${number} ${tongue.units[unit] ?? unit}`;
}
