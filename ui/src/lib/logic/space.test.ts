import { describe, expect, it } from 'vitest';
import type { CheckpointUsage, VolumeUsage } from '../api/types';
import { parts, sorted } from './space';

const checkpoint = (id: string, disk_bytes: number, freed_bytes: number): CheckpointUsage => ({
  id,
  name: id,
  created_at: '2026-01-01T00:00:00Z',
  data_bytes: 0,
  disk_bytes,
  is_shared: false,
  standing_on_it: 1,
  freed_bytes,
  when: 'now',
});
const usage: VolumeUsage = {
  volume_id: 'v',
  quota_bytes: 1000,
  used_bytes: 100,
  disk_bytes: 60,
  shared_bytes: 0,
  present_bytes: 10,
  nameless_bytes: 0,
  base_bytes: 20,
  checkpoints: [checkpoint('old', 10, 9), checkpoint('new', 20, 3)],
};
const ids = (list: CheckpointUsage[]) => list.map(({ id }) => id);

describe('the account of a volume', () => {
  it('adds up to what it takes on disk, without empty parts', () => {
    expect(parts(usage)).toEqual([
      { name: 'present', bytes: 10 },
      { name: 'checkpoints', bytes: 30 },
      { name: 'base', bytes: 20 },
    ]);
    expect(parts(usage).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(usage.disk_bytes);
  });

  it('lists the newest, or the largest, first', () => {
    expect(ids(sorted(usage, 'taken'))).toEqual(['new', 'old']);
    expect(ids(sorted(usage, 'freed'))).toEqual(['old', 'new']);
    expect(ids(sorted(usage, 'disk'))).toEqual(['new', 'old']);
  });
});
