/**
 * Long lists, which the engine tells page by page. What a page was made from can go before the next one comes, so that a
 * folder of a hundred thousand files is not in memory several times over.
 */
import type { FileEntry } from '../api/types';
import { FolderBuilder, type Folder } from '../logic/folder';

/** How many things a page has at most: what a larger one is made from stays with the process for long. */
export const PAGE = 5_000;

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

/** The same of the files in a folder. */
export async function everyFile(
  page: (cursor: string | null) => Promise<Page<FileEntry>>,
): Promise<Folder> {
  const folder = new FolderBuilder();
  let cursor: string | null = null;
  do {
    const { items, next_cursor }: Page<FileEntry> = await page(cursor);
    for (const entry of items) folder.add(entry);
    folder.endPage();
    cursor = next_cursor;
  } while (cursor !== null);
  return folder.build();
}
