/** What has gone through mounts lately, second by second, and how it is drawn. Pure functions. */
import type { MountRate } from '../api/types';

/** So many seconds are shown. */
export const SECONDS = 60;
/** Less than that in a second fills no height: a guest that idles shall not look busy. */
const SMALLEST_TOP = 64 << 10;

/** One second. */
export interface Second {
  read: number;
  written: number;
}

/** The last minute of each mount, oldest first. */
export type History = ReadonlyMap<string, readonly Second[]>;

export const mountKey = (vmId: string, volumeId: string): string => `${vmId} ${volumeId}`;

/** The history with one more second; mounts that were not told of have gone. */
export function withSecond(history: History, rates: readonly MountRate[]): History {
  return new Map(
    rates.map((rate) => {
      const key = mountKey(rate.vm_id, rate.volume_id);
      const second = { read: rate.read_bytes, written: rate.written_bytes };
      return [key, [...(history.get(key) ?? []), second].slice(-SECONDS)];
    }),
  );
}

/** An area of `width` by `height` under what `of` says of each second, the newest at the right. */
export function area(
  seconds: readonly Second[],
  of: (second: Second) => number,
  width: number,
  height: number,
): string {
  const top = Math.max(SMALLEST_TOP, ...seconds.map(({ read, written }) => read + written));
  const step = width / (SECONDS - 1);
  const left = width - (seconds.length - 1) * step;
  const round = (value: number) => Math.round(value * 10) / 10;
  const points = seconds.map(
    (second, index) =>
      `${round(left + index * step)} ${round(height - (of(second) / top) * height)}`,
  );
  return points.length === 0
    ? ''
    : `M${round(left)} ${height}L${points.join('L')}L${width} ${height}Z`;
}
