/** What a volume takes up on this computer's disk, as parts of a whole. Plain functions. */
import type { CheckpointUsage, VolumeUsage } from '../api/types';

export type PartName = 'present' | 'checkpoints' | 'nameless' | 'base';

export interface Part {
  name: PartName;
  bytes: number;
}

/** What the bytes on disk are for; parts without any are left out. */
export function parts(usage: VolumeUsage): Part[] {
  const checkpoints = usage.checkpoints.reduce((sum, { disk_bytes }) => sum + disk_bytes, 0);
  const all: Part[] = [
    { name: 'present', bytes: usage.present_bytes },
    { name: 'checkpoints', bytes: checkpoints },
    { name: 'nameless', bytes: usage.nameless_bytes },
    { name: 'base', bytes: usage.base_bytes },
  ];
  return all.filter(({ bytes }) => bytes > 0);
}

export type UsageColumn = 'taken' | 'changed' | 'disk' | 'freed';

/** The checkpoints in the order of a column: the newest, or the largest, first. */
export function sorted(usage: VolumeUsage, column: UsageColumn): CheckpointUsage[] {
  const newestFirst = [...usage.checkpoints].reverse();
  const size = {
    changed: (one: CheckpointUsage) => one.data_bytes,
    disk: (one: CheckpointUsage) => one.disk_bytes,
    freed: (one: CheckpointUsage) => one.freed_bytes,
  };
  if (column === 'taken') return newestFirst;
  return newestFirst.sort((a, b) => size[column](b) - size[column](a));
}
