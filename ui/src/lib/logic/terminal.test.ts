import { describe, expect, it } from 'vitest';
import { keyBytes, Terminal } from './terminal';

function shown(...pieces: string[]): string[] {
  const terminal = new Terminal();
  for (const piece of pieces) terminal.feed(piece);
  return terminal.text().split('\n');
}

describe('what a guest prints', () => {
  it('stands in lines', () =>
    expect(shown('Welcome\r\n', '~ # ls\r\nbin\tdata\r\n')).toEqual([
      'Welcome',
      '~ # ls',
      'bin     data',
      '',
    ]));

  it('is written over where the cursor goes back', () => {
    expect(shown(' 10%\r 20%\r100%')).toEqual(['100%']);
    expect(shown('lx\b \bs')).toEqual(['ls']);
    expect(shown('one two\r\x1b[4C\x1b[K!')).toEqual(['one !']);
  });

  it('goes on in the next line behind the last column', () =>
    expect(shown('x'.repeat(81))).toEqual(['x'.repeat(80), 'x']));

  it('may come in pieces, also within a sequence', () => {
    expect(shown('a\x1b', '[3', '1mred\x1b[0m', 'z')).toEqual(['aredz']);
    expect(shown('\x1b]0;a title', ' of a window\x07text')).toEqual(['text']);
  });

  it('can be a screen that is drawn anew', () =>
    expect(shown('old\r\nlines\r\n\x1b[2J\x1b[HFirst\x1b[3;3Hthird')).toEqual([
      'First',
      '',
      '  third',
    ]));

  it('does no harm when it makes no sense', () => {
    expect(shown(`a\x1b[${'9'.repeat(400)}`, 'b')).toEqual(['ab']);
    expect(shown('\x1b[999A\x1b[999D\x1b[999Cx')[0]).toMatch(/x$/);
    expect(shown('\x1b[0;0H\x1b[99;99Hy').at(-1)).toMatch(/y$/);
    expect(shown('\x1b[38;5m\x1b[48;2;1mz')).toEqual(['z']);
  });

  it('has its colours', () => {
    const terminal = new Terminal();
    terminal.feed('a\x1b[1;34mbin\x1b[0m\x1b[7mb');
    const [row] = terminal.rows();
    expect(row?.spans.map(({ text, look }) => [text, look.ink, look.bold, look.inverse])).toEqual([
      ['a', 0, false, false],
      ['bin', 5, true, false],
      ['b', 0, false, true],
      [' ', 0, false, false],
    ]);
    expect(row?.spans.at(-1)?.cursor).toBe(true);
  });

  it('is kept within bounds, and rows that did not change stay the same objects', () => {
    const terminal = new Terminal();
    terminal.feed('line\r\n'.repeat(6000));
    const before = terminal.rows();
    expect(before).toHaveLength(5000);
    terminal.feed('more');
    const after = terminal.rows();
    expect(after[0]).toBe(before[0]);
    expect(after.at(-1)).not.toBe(before.at(-1));
  });
});

describe('keys', () => {
  const key = (name: string, ctrlKey = false) =>
    keyBytes({ key: name, ctrlKey, altKey: false, metaKey: false });
  it('send what a terminal sends', () => {
    expect([key('Enter'), key('ArrowUp'), key('c', true), key('Backspace')]).toEqual([
      '\r',
      '\x1b[A',
      '\x03',
      '\x7f',
    ]);
  });
  it('that print come as text, and others not at all', () =>
    expect([key('a'), key('Shift'), key('F5')]).toEqual([null, null, null]));
});
