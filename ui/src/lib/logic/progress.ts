/** How fast a transfer goes and how long it still takes, smoothed so that it can be read. */

/** What is remembered between two reports. */
export interface Pace {
  at: number;
  bytes: number;
  /** Bytes per second; `null` until there are two reports. */
  speed: number | null;
}

/** Reports closer than this say nothing about speed. */
const SHORTEST_MS = 200;
/** After so many milliseconds an old speed counts about a third. */
const MEMORY_MS = 2500;

/** The pace after a report of `bytes` at `at` milliseconds. */
export function pace(before: Pace | undefined, bytes: number, at: number): Pace {
  if (!before || bytes < before.bytes) return { at, bytes, speed: null };
  const passed = at - before.at;
  if (passed < SHORTEST_MS) return before;
  const now = ((bytes - before.bytes) * 1000) / passed;
  if (before.speed === null) return { at, bytes, speed: now };
  const weight = Math.exp(-passed / MEMORY_MS);
  return { at, bytes, speed: before.speed * weight + now * (1 - weight) };
}

/** Seconds until `total` is reached, or `null` when nobody can tell. */
export function secondsLeft(now: Pace | undefined, total: number): number | null {
  if (!now?.speed || now.speed < 1) return null;
  return Math.max(0, total - now.bytes) / now.speed;
}
