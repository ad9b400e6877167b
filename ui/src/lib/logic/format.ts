/**
 * Numbers and times as people read them. Pure functions; the texts come from `text/`.
 */
import { t } from '../text';

// Formatters are dear to make and cheap to use; rows of a scrolled list need them by the thousand.
const numbers = [0, 1, 2].map(
  (maximumFractionDigits) =>
    new Intl.NumberFormat(t.locale, { maximumFractionDigits, useGrouping: false }),
);
const relative = new Intl.RelativeTimeFormat(t.locale, { numeric: 'auto' });
const full = new Intl.DateTimeFormat(t.locale, { dateStyle: 'full', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(t.locale, { hour: '2-digit', minute: '2-digit' });
const dayOfYear = new Intl.DateTimeFormat(t.locale, { day: 'numeric', month: 'short' });
const day = new Intl.DateTimeFormat(t.locale, { day: 'numeric', month: 'short', year: 'numeric' });

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
  const text = numbers[digits]?.format(value);
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
  if (seconds < 45 * MINUTE) return relative.format(-Math.round(seconds / MINUTE), 'minute');
  if (seconds < 22 * HOUR) return relative.format(-Math.round(seconds / HOUR), 'hour');
  if (seconds < 26 * DAY) return relative.format(-Math.round(seconds / DAY), 'day');
  if (seconds < 320 * DAY) return relative.format(-Math.round(seconds / (30 * DAY)), 'month');
  return relative.format(-Math.round(seconds / (365 * DAY)), 'year');
}

/** Date and time in full, for tooltips. */
export const fullTime = (when: string): string => full.format(new Date(when));

/** Date and time in a column: the hour today, the day this year, else the date. */
export function shortTime(when: string, now: number): string {
  const date = new Date(when);
  const today = new Date(now);
  const days = daysBetween(date, today);
  if (days === 0) return `${t.time.today}, ${clock.format(date)}`;
  if (days === 1) return `${t.time.yesterday}, ${clock.format(date)}`;
  if (date.getFullYear() !== today.getFullYear()) return day.format(date);
  return `${dayOfYear.format(date)}, ${clock.format(date)}`;
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
