import { describe, expect, it } from 'vitest';
import { ago, bytes, duration, ofTotal, share, shortTime } from './format';

const KIB = 1024;

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [10 * 2 ** 30, '10 GiB'],
    [200_000_000, '191 MiB'],
    [KIB * KIB - 1, '1 MiB'],
    [16 * 2 ** 40, '16 TiB'],
    [-5, '0 B'],
  ])('%d are shown as %s', (count, text) => expect(bytes(count)).toBe(text));
});

describe('a part of a whole', () => {
  it('says a common unit once', () => {
    expect(ofTotal(6.2 * 2 ** 30, 10 * 2 ** 30)).toBe('6.2 of 10 GiB');
    expect(ofTotal(12 * 2 ** 20, 2 * 2 ** 30)).toBe('12 MiB of 2 GiB');
    expect(ofTotal(0, 512)).toBe('0 of 512 B');
  });
});

describe('duration', () => {
  it.each([
    [0.2, '< 1 s'],
    [3.4, '3 s'],
    [59.6, '1 min'],
    [150, '3 min'],
    [3600, '1 h'],
    [3900, '1 h 5 min'],
  ])('%d seconds are shown as %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('times', () => {
  const now = new Date(2026, 4, 20, 15, 30).getTime();
  const before = (seconds: number) => new Date(now - seconds * 1000).toISOString();

  it('that have just been are not counted', () => expect(ago(before(10), now)).toBe('just now'));
  it('of a clock that is ahead are now', () => expect(ago(before(-90), now)).toBe('just now'));
  it('are told in the largest unit that fits', () => {
    expect(ago(before(300), now)).toBe('5 minutes ago');
    expect(ago(before(7200), now)).toBe('2 hours ago');
    expect(ago(before(86400), now)).toBe('yesterday');
    expect(ago(before(86400 * 400), now)).toBe('last year');
  });
  it('in a column have the hour today and yesterday, and the day before that', () => {
    expect(shortTime(before(3600), now)).toMatch(/^Today, /);
    expect(shortTime(before(86400), now)).toMatch(/^Yesterday, /);
    expect(shortTime(new Date(2026, 0, 2, 9).toISOString(), now)).toMatch(/^Jan 2, /);
    expect(shortTime(new Date(2020, 0, 2, 9).toISOString(), now)).toBe('Jan 2, 2020');
  });
});

describe('a share', () => {
  it('of nothing is nothing', () => expect(share(5, 0)).toBe(0));
  it('is never more than all', () => expect(share(15, 10)).toBe(1));
});
