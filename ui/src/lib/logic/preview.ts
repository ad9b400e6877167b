/** What a file is shown as, judged by its bytes; its name only tells which kind of image it is. */

/** So much of a text is looked at, in bytes. */
export const TEXT_LIMIT = 256 << 10;
/** An image is looked at whole, up to here. */
export const IMAGE_LIMIT = 16 << 20;
/** Bytes in a dump of what is neither. */
const DUMPED = 512;
const DUMP_ROW = 16;

const IMAGES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  svg: 'image/svg+xml',
};

/** The media type of an image of this name, or `null`. */
export function imageType(name: string): string | null {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? (IMAGES[name.slice(dot + 1).toLowerCase()] ?? null) : null;
}

/** The text that bytes are, or `null`. The last letter may be cut off. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    // Streaming, so that a letter of which only the beginning is there is no mistake.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

/** The first bytes in hexadecimal, with the letters that they may be. */
export function dump(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, DUMPED); at += DUMP_ROW) {
    const row = [...bytes.subarray(at, Math.min(at + DUMP_ROW, DUMPED))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = row
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'))
      .join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(DUMP_ROW * 3 - 1)}  ${letters}`);
  }
  return rows.join('\n');
}

/** `rwxr-xr-x` of a file's mode. */
export function permissions(mode: number): string {
  return [6, 3, 0]
    .map((shift) => {
      const bits = (mode >> shift) & 7;
      return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
    })
    .join('');
}
