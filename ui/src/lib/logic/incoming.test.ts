import { describe, expect, it } from 'vitest';
import { freeFileName, withFreeNames } from './incoming';

const file = new File([], 'x');

describe('what comes in beside what is there', () => {
  it('gets a free name, with its ending at the end', () => {
    expect(freeFileName('photo.png', new Set(['photo.png', 'photo 2.png']))).toBe('photo 3.png');
    expect(freeFileName('.profile', new Set(['.profile']))).toBe('.profile 2');
    expect(freeFileName('new', new Set())).toBe('new');
  });

  it('keeps what is in a folder with it, also in a browser', () => {
    const incoming = {
      kind: 'files' as const,
      names: ['a', 'b.txt'],
      files: [
        { path: 'a/deep/c', file },
        { path: 'b.txt', file },
      ],
      folders: ['a', 'a/deep'],
    };
    expect(withFreeNames(incoming, ['a'])).toMatchObject({
      names: ['a 2', 'b.txt'],
      files: [{ path: 'a 2/deep/c' }, { path: 'b.txt' }],
      folders: ['a 2', 'a 2/deep'],
    });
  });

  it('does not take the name of another thing that comes in', () => {
    const incoming = {
      kind: 'paths' as const,
      names: ['x.txt', 'x 2.txt'],
      paths: ['/a/x.txt', '/a/x 2.txt'],
    };
    expect(withFreeNames(incoming, ['x.txt']).names).toEqual(['x 3.txt', 'x 2.txt']);
  });
});
