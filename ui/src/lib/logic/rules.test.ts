import { describe, expect, it } from 'vitest';
import { freeName, labelRule, mountPathRule, nameRule, quotaRule, sizeOf } from './rules';

describe('a name', () => {
  it.each(['data', 'my volume', '日本語', 'a'.repeat(255), '...', 'vol_short'])(
    'may be %j',
    (name) => expect(labelRule(name)).toBeNull(),
  );
  it.each([
    ['', /Give it a name/],
    ['   ', /Give it a name/],
    ['a'.repeat(256), /256 bytes/],
    ['日'.repeat(86), /258 bytes/],
    ['.', /cannot be/],
    ['..', /cannot be/],
    ['../x', /“\/”/],
    ['a\nb', /line breaks/],
    ['vol_abcdefghijklmnop', /ids/],
  ])('may not be %j', (name, sentence) => expect(labelRule(name)).toMatch(sentence));
  it('may not be taken', () => {
    expect(nameRule('data', ['data'])).toMatch(/exists already/);
    expect(nameRule('data2', ['data'])).toBeNull();
  });
  it('of a file may look like an id', () => expect(nameRule('vol_abcdefghijklmnop')).toBeNull());
});

describe('a size', () => {
  it('is a number with a unit', () => {
    expect(sizeOf('10', 'GiB')).toBe(10 * 2 ** 30);
    expect(sizeOf(' 1,5 ', 'MiB')).toBe(1.5 * 2 ** 20);
    expect(sizeOf('1e3', 'GiB')).toBeNull();
    expect(sizeOf('-1', 'GiB')).toBeNull();
    expect(sizeOf('', 'GiB')).toBeNull();
  });
  it.each([
    ['', 'GiB', /Enter a size/],
    ['ten', 'GiB', /as a number/],
    ['-1', 'GiB', /as a number/],
    ['0', 'GiB', /smallest/],
    ['15', 'MiB', /16 MiB/],
    ['17', 'TiB', /16 TiB/],
  ] as const)('may not be %j %s', (typed, unit, sentence) =>
    expect(quotaRule(typed, unit)).toMatch(sentence),
  );
  it('may be 16 MiB and 16 TiB', () => {
    expect(quotaRule('16', 'MiB')).toBeNull();
    expect(quotaRule('16', 'TiB')).toBeNull();
  });
  it('never gets smaller', () => {
    expect(quotaRule('10', 'GiB', 10 * 2 ** 30)).toMatch(/cannot get smaller/);
    expect(quotaRule('11', 'GiB', 10 * 2 ** 30)).toBeNull();
  });
});

describe('a path in a machine', () => {
  it.each(['/data', '/mnt/a b', '/data/'])('may be %j', (path) =>
    expect(mountPathRule(path)).toBeNull(),
  );
  it.each([
    ['', /Enter a path/],
    ['data', /start with/],
    ['/', /own files/],
    ['//', /own files/],
    ['/a/../b', /“\.\.”/],
    ['/a\u0000', /control/],
  ])('may not be %j', (path, sentence) => expect(mountPathRule(path)).toMatch(sentence));
  it('may not be taken, with or without a slash at its end', () => {
    const taken = [{ mount_path: '/data', volume_name: 'photos' }];
    expect(mountPathRule('/data/', taken)).toMatch(/photos/);
    expect(mountPathRule('/data2', taken)).toBeNull();
  });
});

describe('a suggested name', () => {
  it('is the first that is free', () => {
    expect(freeName('data', [])).toBe('data');
    expect(freeName('data', ['data', 'data-2'])).toBe('data-3');
  });
});
