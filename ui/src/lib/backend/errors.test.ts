import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '../api/types';
import { de } from '../text/de';
import { en } from '../text/en';
import { ja } from '../text/ja';

const body = {
  code: 'not-found' as const,
  message: "There is no volume 'a'.",
  hint: 'Look again.',
};

/** What becomes of a refusal in a window in another language, which has words for what is `known`. */
async function refusedIn(texts: typeof en, known: Record<string, string> = {}) {
  vi.resetModules();
  vi.doMock('../text', () => ({ t: texts, translated: (text: string) => known[text] ?? null }));
  const { BackendError, fromEngine } = await import('./errors');
  return { refused: fromEngine(body), own: new BackendError(body) };
}

describe('what the engine refuses', () => {
  it('is told in its own words to those who read them', async () => {
    const { refused } = await refusedIn(en);
    expect(refused.sentences).toBe("There is no volume 'a'. Look again.");
    expect(refused.detail).toBeNull();
  });

  it('is told in the language of the window, with its own words below', async () => {
    for (const texts of [de, ja]) {
      const { refused, own } = await refusedIn(texts);
      const told = texts.refusals?.['not-found'];
      expect([refused.title, refused.advice]).toEqual([told?.what, told?.todo]);
      expect(refused.detail).toBe("There is no volume 'a'. Look again.");
      // The window's own sentences need no other.
      expect([own.title, own.detail]).toEqual([body.message, null]);
    }
  });

  it('is told in full where the sentences are known, and as far as they are', async () => {
    const message = 'Es gibt kein Volume „a“.';
    const hint = 'Sehen Sie noch einmal nach.';
    const both = await refusedIn(de, { [body.message]: message, [body.hint]: hint });
    expect(both.refused).toMatchObject({ title: message, advice: hint, detail: null });
    const one = await refusedIn(de, { [body.message]: message });
    const todo = de.refusals?.['not-found'].todo;
    expect(one.refused).toMatchObject({ title: message, advice: todo, detail: body.hint });
  });

  it('has words for every kind in every language, no two kinds the same', () => {
    const kinds = Object.keys(de.refusals ?? {}) as ErrorCode[];
    for (const { refusals } of [de, ja]) {
      const told = kinds.map((kind) => refusals?.[kind]);
      for (const words of told) expect(words?.what.length).toBeGreaterThan(5);
      for (const words of told) expect(words?.todo).toMatch(/[.。]$/);
      expect(new Set(told.map((words) => words?.what)).size).toBe(kinds.length);
    }
  });
});
