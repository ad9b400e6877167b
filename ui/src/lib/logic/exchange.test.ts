import { describe, expect, it } from 'vitest';
import {
  exportName,
  fileRule,
  folderRule,
  isArchive,
  isArchiveUrl,
  isImage,
  isImportable,
  linesOf,
  partitionRule,
  sumRule,
  urlRule,
  volumeNameOf,
} from './exchange';

describe('a file that becomes a volume', () => {
  it('is told by what it ends in', () => {
    expect(['a.VMDK', 'b.img', 'c.tar.gz', 'd.txt', 'zip'].map(isImportable)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect([isImage('/x/a.qcow2'), isImage('/x/a.tar')]).toEqual([true, false]);
    expect(['/x/a.qcow2', '/x/A.ZIP', 'a.tgz'].map(isArchive)).toEqual([false, true, true]);
  });

  it('gives it its name', () => {
    expect(volumeNameOf('/home/ada/photos.tar.gz')).toBe('photos');
    expect(volumeNameOf('Disk.VDI')).toBe('Disk');
    expect(volumeNameOf('/v1.2')).toBe('v1.2');
    expect(exportName('data', 'raw')).toBe('data.img');
  });

  it('is named by a whole path, and a partition by a number', () => {
    expect([fileRule('/a'), fileRule('a'), fileRule(' ')].map((rule) => rule === null)).toEqual([
      true,
      false,
      false,
    ]);
    expect(['', '1', '12', '0', 'x', '1.5'].map((typed) => partitionRule(typed) === null)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a file of the web', () => {
  it('has an address, and perhaps a checksum', () => {
    const fine = (texts: string[], rule: (text: string) => string | null) =>
      texts.map((text) => rule(text) === null);
    expect(fine(['https://example.org/a', 'http://x', 'ftp://x/a', 'a', ''], urlRule)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(fine(['', 'A1'.repeat(32), 'abc'], sumRule)).toEqual([true, true, false]);
  });

  it('is an archive by its name, whatever is asked of it', () => {
    const urls = ['https://x/a.tar.gz?raw=1', ' http://x/A.ZIP#top ', 'http://x/?a=b.zip', 'a.zip'];
    expect(urls.map(isArchiveUrl)).toEqual([true, true, false, false]);
  });
});

describe('a watched folder', () => {
  it('is named by its whole path, and leaves alone what stands in lines', () => {
    expect(folderRule('')).not.toBeNull();
    expect(folderRule('home/ada')).not.toBeNull();
    expect(folderRule(' /home/ada ')).toBeNull();
    expect(linesOf(' target/ \n\n*.log\r\n')).toEqual(['target/', '*.log']);
  });
});
