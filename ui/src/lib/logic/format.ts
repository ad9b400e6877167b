/**
 * Numbers and times as people read them. Pure functions; the texts come from `text/`.
 */
import { t } from '../text';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes with three significant digits at most: `0 B`, `1.5 KiB`, `10 GiB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  // 1023.5 and more would be shown as 1024: the next unit says it better.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toLocaleString(t.locale, {
    maximumFractionDigits: digits,
    useGrouping: false,
  });
  return `${text} ${UNITS[unit]}`;
}

/** A part of a whole; the unit is said once when both have the same: `6.2 of 10 GiB`. */
export function ofTotal(part: number, whole: number): string {
  const [a, b] = [bytes(part), bytes(whole)];
  const [number = a, unit] = a.split(' ');
  return t.ofTotal(b.endsWith(` ${unit}`) ? number : a, b);
}

/** Bytes per second. */
export const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`;

/** A length of time: `3 s`, `2 min`, `1 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 1) return '< 1 s';
  if (whole < 60) return t.time.second(whole);
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return t.time.minute(minutes);
  const rest = minutes % 60;
  const hours = t.time.hour(Math.floor(minutes / 60));
  return rest === 0 ? hours : `${hours} ${t.time.minute(rest)}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago `when` was, seen from `now`. */
export function ago(when: string, now: number): string {
  const seconds = Math.round((now - Date.parse(when)) / 1000);
  if (seconds < 45) return t.time.now;
  const words = new Intl.RelativeTimeFormat(t.locale, { numeric: 'auto' });
  if (seconds < 45 * MINUTE) return words.format(-Math.round(seconds / MINUTE), 'minute');
  if (seconds < 22 * HOUR) return words.format(-Math.round(seconds / HOUR), 'hour');
  if (seconds < 26 * DAY) return words.format(-Math.round(seconds / DAY), 'day');
  if (seconds < 320 * DAY) return words.format(-Math.round(seconds / (30 * DAY)), 'month');
  return words.format(-Math.round(seconds / (365 * DAY)), 'year');
}

/** Date and time in full, for tooltips. */
export function fullTime(when: string): string {
  return new Date(when).toLocaleString(t.locale, { dateStyle: 'full', timeStyle: 'medium' });
}

/** Date and time in a column: the hour today, the day this year, else the date. */
export function shortTime(when: string, now: number): string {
  const date = new Date(when);
  const today = new Date(now);
  const clock = date.toLocaleTimeString(t.locale, { hour: '2-digit', minute: '2-digit' });
  const days = daysBetween(date, today);
  if (days === 0) return `${t.time.today}, ${clock}`;
  if (days === 1) return `${t.time.yesterday}, ${clock}`;
  const sameYear = date.getFullYear() === today.getFullYear();
  const day = date.toLocaleDateString(t.locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
  return sameYear ? `${day}, ${clock}` : day;
}

/** Midnights between two moments, in the local time zone. */
function daysBetween(a: Date, b: Date): number {
  const midnight = (date: Date) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(b) - midnight(a)) / (DAY * 1000));
}

/** A share between 0 and 1, also when `whole` is 0. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}
