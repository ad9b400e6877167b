/** Templates of sentences: literal text with placeholders between, and a shelf that finds those that a text fits. */

export interface Slot {
  name: string;
  /** Whether what is put in is translated, too; maybe: where it is known. */
  clause: 'yes' | 'maybe' | 'no';
}

export interface Template {
  /** What stands between the placeholders: one more than there are of these. */
  literals: string[];
  names: string[];
  /** Literal text and places, in turn. */
  told: (string | Slot)[];
  /** How much text of its own it has. */
  weight: number;
  /** Whether it begins, or ends, with a placeholder, or nearly so. */
  isOpen: boolean;
  isEndOpen: boolean;
}

export interface Found {
  template: Template;
  filled: Map<string, string>;
}

/** By so much of their beginning templates are found. */
const PREFIX = 4;
const PLACEHOLDER = /\{\{|\}\}|\{([^{}]*)\}/g;

/** The literal text of a template, and its placeholders. */
export function parts(text: string): { literals: string[]; slots: Slot[] } {
  const literals: string[] = [];
  const slots: Slot[] = [];
  let literal = '';
  let at = 0;
  let counted = 0;
  for (const { 0: all, 1: inside, index } of text.matchAll(PLACEHOLDER)) {
    literal += text.slice(at, index);
    at = index + all.length;
    if (inside === undefined) {
      literal += all.charAt(0);
      continue;
    }
    const slot = slotOf(inside);
    slots.push(slot.name === '' ? { ...slot, name: String(counted++) } : slot);
    literals.push(literal);
    literal = '';
  }
  return { literals: [...literals, literal + text.slice(at)], slots };
}

/** `name`, `name!`, `name?`, or as Rust has it: `name:?`. */
function slotOf(inside: string): Slot {
  const [, name = '', format = '', mark = ''] = /^(\w*)(:.*)?([!?]?)$/s.exec(inside) ?? [];
  const clause = mark === '!' ? 'yes' : mark === '?' && format === '' ? 'maybe' : 'no';
  return { name, clause };
}

function template(id: string, translation: string): Template {
  const { literals, slots } = parts(id);
  const other = parts(translation);
  const told = other.literals.flatMap((literal, n) => {
    const slot = other.slots[n];
    return slot ? [literal, slot] : [literal];
  });
  const [first = '', last = ''] = [literals[0], literals[literals.length - 1]];
  return {
    literals,
    names: slots.map(({ name }) => name),
    told,
    weight: literals.reduce((sum, literal) => sum + literal.length, 0),
    // What is short and has no placeholder is a text of its own.
    isOpen: first.length < PREFIX && slots.length > 0,
    isEndOpen: last === '',
  };
}

/** What fills the placeholders of a template, when the whole text fits it. Each looks no further than to what stands behind it. */
export function fillings({ literals, names }: Template, text: string): Map<string, string> | null {
  const [first = ''] = literals;
  if (!text.startsWith(first)) return null;
  if (names.length === 0) return text === first ? new Map() : null;
  const last = literals[literals.length - 1] ?? '';
  const end = text.length - last.length;
  if (end < first.length || !text.endsWith(last)) return null;
  const filled = new Map<string, string>();
  let at = first.length;
  for (const [n, name] of names.entries()) {
    const behind = literals[n + 1] ?? '';
    const next = n + 1 < names.length ? text.indexOf(behind, at) : end;
    if (next < at || next > end) return null;
    filled.set(name, text.slice(at, next));
    at = next + behind.length;
  }
  return filled;
}

/** Templates, found by how they begin; the one with the most text of its own comes first. */
export class Shelf {
  /** Those that stand behind names: " and 3 more". */
  readonly tails: readonly Template[];
  readonly #begun = new Map<string, Template[]>();
  readonly #open: Template[] = [];

  constructor(entries: readonly (readonly [string, string])[]) {
    const templates = entries.map(([id, told]) => template(id, told));
    templates.sort((a, b) => b.weight - a.weight);
    this.tails = templates.filter(({ literals }) => literals[0]?.startsWith(' '));
    for (const one of templates) this.#rowOf(one).push(one);
  }

  /** The templates that a text fits, with what fills them; those that begin with a placeholder come last. */
  *fitting(text: string): Generator<Found> {
    yield* fitting(this.#begun.get(text.slice(0, PREFIX)) ?? [], text);
    yield* fitting(this.#open, text);
  }

  #rowOf({ literals: [begin = ''], isOpen }: Template): Template[] {
    if (isOpen) return this.#open;
    const prefix = begin.slice(0, PREFIX);
    const row = this.#begun.get(prefix) ?? [];
    this.#begun.set(prefix, row);
    return row;
  }
}

function* fitting(templates: readonly Template[], text: string): Generator<Found> {
  for (const template of templates) {
    const filled = fillings(template, text);
    if (filled) yield { template, filled };
  }
}

export function* firstOf<T>(all: Iterable<T>, most: number): Generator<T> {
  let taken = 0;
  for (const one of all) {
    if (taken++ === most) return;
    yield one;
  }
}
