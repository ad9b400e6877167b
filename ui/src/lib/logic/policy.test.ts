import { describe, expect, it } from 'vitest';
import type { Policy } from '../api/types';
import { countOf, minuteOf, period, timeOfDay, whatIsKept, whenTaken } from './policy';

const nothing = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0 };
const policy = (change: Partial<Policy>): Policy => ({
  before_mount: false,
  before_delete: false,
  every_minutes: 0,
  at_minute: 0,
  keep: nothing,
  ...change,
});

describe('a rule for automatic checkpoints', () => {
  it('says when they are taken', () => {
    expect(whenTaken(policy({}))).toMatch(/none by itself/);
    expect(whenTaken(policy({ every_minutes: 1440, at_minute: 210, before_mount: true }))).toBe(
      'Taken every day from 03:30, before a machine writes.',
    );
    expect(whenTaken(policy({ every_minutes: 15, at_minute: 5 }))).toBe('Taken every 15 minutes.');
  });

  it('says what is kept', () => {
    expect(whatIsKept(nothing)).toBe('All of them are kept.');
    expect(whatIsKept({ ...nothing, last: 10, daily: 1 })).toBe(
      'Kept: the newest 10, one for each of 1 day.',
    );
  });

  it('has periods in words, also those that nobody can choose here', () => {
    expect([0, 60, 90, 360, 1440, 10080].map(period)).toEqual([
      'Never',
      'Every hour',
      'Every 90 minutes',
      'Every 6 hours',
      'Every day',
      'Every week',
    ]);
  });
});

describe('what is typed into it', () => {
  it('is a time of day', () => {
    expect(minuteOf('03:30')).toBe(210);
    expect(minuteOf(' 9:05 ')).toBe(545);
    for (const wrong of ['24:00', '3', '03:60', '', 'noon']) expect(minuteOf(wrong)).toBeNull();
    expect(timeOfDay(1439)).toBe('23:59');
  });

  it('is a whole number, and nothing means none', () => {
    expect(['', ' 7 ', '1000'].map(countOf)).toEqual([0, 7, 1000]);
    for (const wrong of ['-1', '1.5', '1001', 'x']) expect(countOf(wrong)).toBeNull();
  });
});
