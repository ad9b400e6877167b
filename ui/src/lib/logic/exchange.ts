/** Rules for volumes that come from files, or become one. It knows no component and no store. */
import type { ExportFormat } from '../api/types';
import { t } from '../text';

const IMAGES = ['.qcow2', '.vmdk', '.vdi', '.vhdx', '.img', '.raw'];
const ARCHIVES = ['.tar.gz', '.tgz', '.tar', '.zip'];

const endingOf = (path: string, endings: string[]): string | undefined =>
  endings.find((ending) => path.trim().toLowerCase().endsWith(ending));

/** Whether a file is called like a disk image. */
export const isImage = (path: string): boolean => endingOf(path, IMAGES) !== undefined;

/** Whether a file is called like an archive. */
export const isArchive = (path: string): boolean => endingOf(path, ARCHIVES) !== undefined;

/** Whether a file is called like something that can become a volume. */
export const isImportable = (path: string): boolean =>
  endingOf(path, [...ARCHIVES, ...IMAGES]) !== undefined;

/** What a volume of a file is called when nobody says: as the file, without what it ends in. */
export function volumeNameOf(path: string): string {
  const name = path.trim().split('/').pop() ?? '';
  const ending = endingOf(name, [...ARCHIVES, ...IMAGES]) ?? '';
  return name.slice(0, name.length - ending.length);
}

/** What the file of an export is called when nobody says. */
export const exportName = (volume: string, format: ExportFormat): string =>
  `${volume}.${format === 'raw' ? 'img' : format}`;

/** What is wrong with the path of a file on the engine's computer. */
export function fileRule(path: string): string | null {
  if (path.trim() === '') return t.exchange.fileEmpty;
  return path.trim().startsWith('/') ? null : t.exchange.fileRelative;
}

/** What is wrong with the path of a folder on the engine's computer. */
export function folderRule(path: string): string | null {
  if (path.trim() === '') return t.watch.folderEmpty;
  return path.trim().startsWith('/') ? null : t.watch.folderRelative;
}

/** What stands in lines, without the empty ones. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What is wrong with the address of a file on the web. */
export function urlRule(typed: string): string | null {
  if (typed.trim() === '') return t.fetch.urlEmpty;
  try {
    const { protocol, hostname } = new URL(typed.trim());
    return /^https?:$/.test(protocol) && hostname !== '' ? null : t.fetch.urlWrong;
  } catch {
    return t.fetch.urlWrong;
  }
}

/** Whether what is at an address is called like an archive. */
export function isArchiveUrl(typed: string): boolean {
  return urlRule(typed) === null && isArchive(new URL(typed.trim()).pathname);
}

/** What is wrong with a SHA-256, which may be left out. */
export const sumRule = (typed: string): string | null =>
  /^([0-9a-f]{64})?$/i.test(typed.trim()) ? null : t.fetch.sumWrong;

/** What is wrong with the number of a partition, which may be left out. */
export const partitionRule = (typed: string): string | null =>
  typed.trim() === '' || /^[1-9][0-9]{0,2}$/.test(typed.trim()) ? null : t.exchange.partitionWrong;
