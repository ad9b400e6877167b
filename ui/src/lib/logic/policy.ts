/** What Cairn does with a volume by itself: how it is typed, checked and told. Plain functions. */
import type { Keep, Policy, PolicyChange } from '../api/types';
import { t } from '../text';

export const KEEP_PARTS = ['last', 'hourly', 'daily', 'weekly', 'monthly'] as const;
export type KeepPart = (typeof KEEP_PARTS)[number];

/** Periods that can be chosen, in minutes; 0 is never. */
export const PERIODS = [0, 15, 30, 60, 360, 1440, 7 * 1440] as const;
const DAY = 1440;

/** The most of a kind that can be asked for here. */
export const MOST_KEPT = 1000;

/** What is suggested to somebody who wants to keep only some. */
export const SUGGESTED: Keep = { last: 10, hourly: 24, daily: 7, weekly: 4, monthly: 12 };

/** What has checkpoints taken so often, and keeps all of them or only some; nothing else changes. */
export const scheduled = (every: number, keepSome: boolean): PolicyChange => ({
  before_mount: null,
  before_delete: null,
  every_minutes: every,
  at_minute: null,
  keep: keepSome ? SUGGESTED : null,
});

export const keepsAll = (keep: Keep): boolean => KEEP_PARTS.every((part) => keep[part] === 0);

/** A period in words. */
export function period(minutes: number): string {
  const { periods } = t.policy;
  if (minutes === 0) return periods.never;
  if (minutes === 60) return periods.hour;
  if (minutes === DAY) return periods.day;
  if (minutes === 7 * DAY) return periods.week;
  return minutes % 60 === 0 ? periods.hours(minutes / 60) : periods.minutes(minutes);
}

/** A minute of the day as a clock shows it: `03:30`. */
export const timeOfDay = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, '0')).join(':');

/** The minute of the day that a time stands for, or `null`. */
export function minuteOf(time: string): number | null {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(time.trim());
  const [hours, minutes] = [Number(parts?.[1]), Number(parts?.[2])];
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : null;
}

/** The number that was typed for how many to keep, or `null`; nothing stands for 0. */
export function countOf(typed: string): number | null {
  const text = typed.trim();
  if (text === '') return 0;
  return /^\d+$/.test(text) && Number(text) <= MOST_KEPT ? Number(text) : null;
}

/** When checkpoints are taken, as a sentence. */
export function whenTaken(policy: Policy): string {
  const { summary } = t.policy;
  const every = period(policy.every_minutes);
  const time = timeOfDay(policy.at_minute);
  const when = [
    policy.every_minutes === 0
      ? null
      : policy.every_minutes >= DAY
        ? summary.at(every, time)
        : summary.every(every),
    policy.before_mount ? summary.beforeMount : null,
    policy.before_delete ? summary.beforeDelete : null,
  ].filter((part) => part !== null);
  return when.length === 0 ? t.policy.summaryNone : summary.taken(when.join(', '));
}

/** What is kept of them, as a sentence. */
export function whatIsKept(keep: Keep): string {
  const { summary } = t.policy;
  if (keepsAll(keep)) return summary.keepAll;
  const parts = KEEP_PARTS.filter((part) => keep[part] > 0).map((part) =>
    summary[part](keep[part]),
  );
  return summary.keep(parts.join(', '));
}
