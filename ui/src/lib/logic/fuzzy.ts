/** Finding things by some of their letters, in their order: `nv` finds "New volume". */

/** How well something fits, and which of its letters were meant. */
export interface Fit {
  score: number;
  /** Indices into the letters of the text, ascending. */
  letters: readonly number[];
}

const WORD_START = 8;
const NEXT = 5;
const FIRST = 4;
/** What each letter that is passed over costs, up to a bound. */
const GAP = 0.2;
const MOST_GAP = 3;

/** Letters without case and marks, each as long as it was: `É` counts as `e`. */
const plain = (text: string): string[] =>
  [...text].map((letter) => letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase() || letter);

const startsWord = (letters: readonly string[], at: number): boolean =>
  at === 0 || !/[\p{L}\p{N}]/u.test(letters[at - 1] ?? '');

/** The best way to find `wanted` in `letters`, when its first letter is the one at `start`. */
function from(wanted: readonly string[], letters: readonly string[], start: number): Fit | null {
  const found: number[] = [];
  let score = 0;
  let at = start;
  for (const letter of wanted) {
    let next = letters.indexOf(letter, at);
    if (next < 0) return null;
    // The beginning of a word says more than the same letter within one.
    const before = found.at(-1);
    if (before !== undefined && next !== before + 1) {
      const word = letters.findIndex((l, i) => i >= next && l === letter && startsWord(letters, i));
      if (word >= 0) next = word;
    }
    if (startsWord(letters, next)) score += WORD_START;
    if (before !== undefined && next === before + 1) score += NEXT;
    else if (before !== undefined) score -= Math.min(MOST_GAP, (next - before - 1) * GAP);
    found.push(next);
    at = next + 1;
  }
  if (found[0] === 0) score += FIRST;
  return { score: score - letters.length * 0.02, letters: found };
}

function findWord(word: readonly string[], letters: readonly string[]): Fit | null {
  let best: Fit | null = null;
  letters.forEach((letter, at) => {
    if (letter !== word[0]) return;
    const fit = from(word, letters, at);
    if (fit && (best === null || fit.score > best.score)) best = fit;
  });
  return best;
}

/** How `query` fits `text`; `null` when it does not. Words may come in any order. */
export function fuzzy(query: string, text: string): Fit | null {
  const letters = plain(text);
  const words = query.trim().split(/\s+/).filter(Boolean).map(plain);
  const fits = words.map((word) => findWord(word, letters));
  if (fits.some((fit) => fit === null)) return null;
  const all = new Set(fits.flatMap((fit) => fit?.letters ?? []));
  return {
    score: fits.reduce((sum, fit) => sum + (fit?.score ?? 0), 0),
    letters: [...all].sort((a, b) => a - b),
  };
}

/** Those of `items` that fit, the best first; with nothing to look for, all of them as they are. */
export function search<T>(
  query: string,
  items: readonly T[],
  text: (item: T) => string,
): { item: T; letters: readonly number[] }[] {
  if (query.trim() === '') return items.map((item) => ({ item, letters: [] }));
  return items
    .flatMap((item, index) => {
      const fit = fuzzy(query, text(item));
      return fit ? [{ item, index, ...fit }] : [];
    })
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ item, letters }) => ({ item, letters }));
}
