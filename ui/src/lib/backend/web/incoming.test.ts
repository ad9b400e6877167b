import { describe, expect, it } from 'vitest';
import { foldersOf } from './incoming';

const at = (path: string) => ({ path, file: new File([], 'x') });

describe('the folders of picked files', () => {
  it('are all made, parents first, each once', () => {
    expect(foldersOf([at('a/b/c.txt'), at('a/b/d.txt'), at('e.txt'), at('a/f/g')])).toEqual([
      'a',
      'a/b',
      'a/f',
    ]);
  });
});
