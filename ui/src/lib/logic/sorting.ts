/** The order of files: folders first, then by the chosen column, names as people count them. */
import type { Volume } from '../api/types';
import { Listed, type Folder } from './folder';

export type Column = 'name' | 'size' | 'modified';
export interface Order {
  column: Column;
  descending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Compares names so that `file2` comes before `file10`; equal ones by their code points. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

const comparisons: Record<Column, (folder: Folder) => (a: number, b: number) => number> = {
  name: () => () => 0,
  size: (folder) => (a, b) => folder.size(a) - folder.size(b),
  modified: (folder) => (a, b) => {
    const [one, other] = [folder.modified(a), folder.modified(b)];
    return one < other ? -1 : one > other ? 1 : 0;
  },
};

/** A folder's entries whose name contains `text`, in an order. Names decide between equals, always ascending. */
export function arrange(folder: Folder, text: string, order: Order): Listed {
  const names = folder.allNames();
  const compare = comparisons[order.column](folder);
  const sign = order.descending ? -1 : 1;
  const nameSign = order.column === 'name' ? sign : 1;
  const wanted = text.trim().toLocaleLowerCase();
  const found = Uint32Array.from(names.keys()).filter(
    (index) => wanted === '' || names[index]?.toLocaleLowerCase().includes(wanted),
  );
  found.sort((a, b) => {
    const folders = Number(folder.isFolder(b)) - Number(folder.isFolder(a));
    return (
      folders || sign * compare(a, b) || nameSign * compareNames(names[a] ?? '', names[b] ?? '')
    );
  });
  return new Listed(folder, found);
}

/** By what the volumes are put in order. */
export const VOLUME_ORDERS = ['name', 'used', 'created'] as const;
export type VolumeOrder = (typeof VOLUME_ORDERS)[number];

const volumeComparisons: Record<VolumeOrder, (a: Volume, b: Volume) => number> = {
  name: () => 0,
  used: (a, b) => b.used_bytes - a.used_bytes,
  created: (a, b) => (a.created_at > b.created_at ? -1 : a.created_at < b.created_at ? 1 : 0),
};

/** A sorted copy: the fullest or the newest first. Names decide between equals. */
export function sortVolumes(volumes: readonly Volume[], order: VolumeOrder): Volume[] {
  const compare = volumeComparisons[order];
  return [...volumes].sort((a, b) => compare(a, b) || compareNames(a.name, b.name));
}

/** What a click on a column's heading makes of the order. */
export function clickColumn(order: Order, column: Column): Order {
  if (order.column === column) return { column, descending: !order.descending };
  // Large and recent things are looked for more often than small and old ones.
  return { column, descending: column !== 'name' };
}
