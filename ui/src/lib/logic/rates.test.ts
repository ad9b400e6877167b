import { describe, expect, it } from 'vitest';
import type { MountRate } from '../api/types';
import { area, mountKey, SECONDS, withSecond, type History } from './rates';

const rate = (volume: string, read: number, written: number): MountRate => ({
  vm_id: 'vm',
  vm_name: 'demo',
  volume_id: volume,
  volume_name: volume,
  mount_path: '/data',
  read_bytes: read,
  read_operations: 1,
  written_bytes: written,
  written_operations: 1,
});

describe('what goes through a mount', () => {
  it('is kept for a minute, and no longer than it is mounted', () => {
    let history: History = new Map();
    for (let second = 0; second < SECONDS + 5; second += 1) {
      history = withSecond(history, [rate('a', second, 0), rate('b', 0, 1)]);
    }
    const seconds = history.get(mountKey('vm', 'a')) ?? [];
    expect(seconds).toHaveLength(SECONDS);
    expect(seconds.at(-1)).toEqual({ read: SECONDS + 4, written: 0 });
    history = withSecond(history, [rate('a', 0, 0)]);
    expect([...history.keys()]).toEqual([mountKey('vm', 'a')]);
  });

  it('is drawn with the newest at the right, and little looks little', () => {
    const total = ({ read, written }: { read: number; written: number }) => read + written;
    expect(area([], total, 59, 10)).toBe('');
    const much = { read: 1 << 20, written: 1 << 20 };
    expect(area([much, { read: 0, written: 0 }], total, 59, 10)).toBe('M58 10L58 0L59 10L59 10Z');
    expect(area([much], ({ written }) => written, 59, 10)).toBe('M59 10L59 5L59 10Z');
    expect(area([{ read: 6554, written: 0 }], total, 59, 10)).toBe('M59 10L59 9L59 10Z');
  });
});
