/**
 * Long lists, which the engine tells page by page. What a page was made from can go before the next one comes, so that a
 * folder of a hundred thousand files is not in memory several times over.
 */
import type { FileEntry } from '../api/types';

/** How many things a page has at most. */
export const PAGE = 10_000;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Everything of a list; `page` asks for what comes behind a cursor, the first time behind none. */
export async function everything<T>(
  page: (cursor: string | null) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const { items, next_cursor }: Page<T> = await page(cursor);
    for (const item of items) all.push(item);
    cursor = next_cursor;
  } while (cursor !== null);
  return all;
}

/** The same of files. Whole folders were often written in the same second: what says so is kept once. */
export function everyFile(
  page: (cursor: string | null) => Promise<Page<FileEntry>>,
): Promise<FileEntry[]> {
  const times = new Map<string, string>();
  return everything(async (cursor) => {
    const told = await page(cursor);
    for (const entry of told.items) {
      const known = times.get(entry.modified_at);
      if (known === undefined) times.set(entry.modified_at, entry.modified_at);
      else entry.modified_at = known;
    }
    return told;
  });
}
