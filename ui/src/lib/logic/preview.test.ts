import { describe, expect, it } from 'vitest';
import { dump, imageType, permissions, textOf } from './preview';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('what a file is shown as', () => {
  it('is text when its bytes are, also when the last letter is cut off', () => {
    expect(textOf(bytes('größe'))).toBe('größe');
    expect(textOf(bytes('größe ö').slice(0, -1))).toBe('größe ');
    expect(textOf(new Uint8Array([0x61, 0x00]))).toBeNull();
    expect(textOf(new Uint8Array([0xff, 0xfe, 0x61]))).toBeNull();
  });
  it('is an image by its name', () => {
    expect(imageType('Photo.JPG')).toBe('image/jpeg');
    expect(imageType('.png')).toBeNull();
    expect(imageType('notes.txt')).toBeNull();
  });
  it('is a dump otherwise', () =>
    expect(dump(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x00]))).toMatch(
      /^000000 {2}7f 45 4c 46 00 +·ELF·$/,
    ));
});

describe('a mode', () => {
  it('is read as ls has it', () => expect(permissions(0o100754)).toBe('rwxr-xr--'));
});
