/**
 * The string literals of Rust sources, each with the calls and macros that it stands in, for the test that compares them with
 * the translations. Not a parser: it knows comments, literals and brackets, which is what it takes.
 */
export interface Literal {
  text: string;
  /** From the outermost to the innermost: `Error::new`, `format!`, `tracing::warn!`; `#` for an attribute. */
  inside: string[];
  line: number;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
const NAME = /([A-Za-z_][\w:]*(?:::<[^()]*>)?!?|#!?)\s*$/;
const TEST_MODULE = /#\[cfg\(test\)\]\s*(?:pub(?:\(crate\))? )?mod \w+ \{/;

/** The literals of one file, without those of the tests at its end. */
export function literals(source: string): Literal[] {
  const end = source.search(TEST_MODULE);
  return new Scanner(end < 0 ? source : source.slice(0, end)).all();
}

/** What a literal between quotes stands for. */
export function unescaped(raw: string): string {
  return raw.replace(
    /\\(?:\r?\n\s*|u\{([\da-fA-F_]+)\}|x([\da-fA-F]{2})|(.))/gs,
    (all, unicode?: string, byte?: string, letter?: string) => {
      const code = unicode ?? byte;
      if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
      return letter === undefined || all.startsWith('\\\n') ? '' : (ESCAPES[letter] ?? letter);
    },
  );
}

class Scanner {
  #at = 0;
  #line = 1;
  /** What has been read of the code since the last bracket, without comments and literals. */
  #code = '';
  #open: string[] = [];
  readonly #found: Literal[] = [];

  constructor(readonly source: string) {}

  all(): Literal[] {
    while (this.#at < this.source.length) this.#step();
    return this.#found;
  }

  #step(): void {
    const rest = this.source.slice(this.#at, this.#at + 16);
    const skipped = this.#comment(rest) ?? /^'(?:\\[^']+|[^'\\])'/s.exec(rest)?.[0].length;
    if (skipped !== undefined) return this.#skip(skipped);
    const raw = /^b?r(#*)"/.exec(rest);
    if (raw && !/\w$/.test(this.#code)) return this.#raw(raw[0].length, `"${raw[1] ?? ''}`);
    if (rest.startsWith('"')) return this.#quoted();
    this.#bracket(rest.charAt(0));
    this.#skip(1);
  }

  #comment(rest: string): number | undefined {
    const ending = rest.startsWith('//') ? '\n' : rest.startsWith('/*') ? '*/' : null;
    if (ending === null) return undefined;
    const end = this.source.indexOf(ending, this.#at + 2);
    return (end < 0 ? this.source.length : end + ending.length) - this.#at;
  }

  #bracket(char: string): void {
    if ('([{'.includes(char)) {
      this.#open.push(NAME.exec(this.#code)?.[1] ?? '');
      this.#code = '';
    } else if (')]}'.includes(char)) {
      this.#open.pop();
      this.#code = '';
    } else {
      this.#code = (this.#code + char).slice(-80);
    }
  }

  #raw(start: number, ending: string): void {
    const from = this.#at + start;
    const end = this.source.indexOf(ending, from);
    this.#put(this.source.slice(from, end));
    this.#skip(end + ending.length - this.#at);
  }

  #quoted(): void {
    const raw = /^"((?:[^"\\]|\\.)*)"/s.exec(this.source.slice(this.#at))?.[1] ?? '';
    this.#put(unescaped(raw));
    this.#skip(raw.length + 2);
  }

  #put(text: string): void {
    this.#found.push({ text, inside: this.#open.filter((name) => name !== ''), line: this.#line });
    this.#code = '';
  }

  #skip(length: number): void {
    const passed = this.source.slice(this.#at, this.#at + length);
    this.#line += passed.split('\n').length - 1;
    this.#at += length;
  }
}
