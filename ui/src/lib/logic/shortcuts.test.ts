import { describe, expect, it } from 'vitest';
import { shortcutOf } from './shortcuts';

const press = (key: string, more: Partial<KeyboardEvent> = {}, typing = false) =>
  shortcutOf(
    { key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more },
    typing,
  );

describe('a key', () => {
  it('asks for what it stands for', () => {
    expect(press('k', { ctrlKey: true })).toBe('palette');
    expect(press('K', { metaKey: true })).toBe('palette');
    expect(press('¡', { altKey: true, code: 'Digit1' })).toBe('files');
    expect(press('?', { shiftKey: true })).toBe('shortcuts');
  });
  it('that goes into a field is text, unless Ctrl is held', () => {
    expect(press('?', { shiftKey: true }, true)).toBeNull();
    expect(press('/', {}, true)).toBeNull();
    expect(press('k', { ctrlKey: true }, true)).toBe('palette');
    expect([press('v', { ctrlKey: true }), press('v', { ctrlKey: true }, true)]).toEqual([
      'paste',
      null,
    ]);
  });
  it('with more keys held is somebody else’s', () =>
    expect(press('k', { ctrlKey: true, shiftKey: true })).toBeNull());
});
