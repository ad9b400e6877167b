/** What a file is, as far as its name tells. */
import type { IconName } from '../../components/icons';
import type { FileEntry } from '../../lib/api/types';
import { t } from '../../lib/text';

const BY_ENDING: Record<string, IconName> = {
  ...Object.fromEntries(
    ['png', 'jpg', 'jpeg', 'gif', 'webp', 'svg', 'avif', 'bmp', 'tif', 'tiff', 'heic'].map((e) => [
      e,
      'image' as const,
    ]),
  ),
  ...Object.fromEntries(
    ['txt', 'md', 'csv', 'json', 'yaml', 'yml', 'toml', 'xml', 'html', 'log', 'pdf', 'conf'].map(
      (e) => [e, 'text' as const],
    ),
  ),
  ...Object.fromEntries(
    ['zip', 'tar', 'gz', 'tgz', 'xz', 'zst', 'bz2', '7z', 'deb', 'rpm', 'iso'].map((e) => [
      e,
      'archive' as const,
    ]),
  ),
};

export function iconOf({ kind, name }: Pick<FileEntry, 'kind' | 'name'>): IconName {
  if (kind === 'directory') return 'folder';
  if (kind === 'symlink') return 'link';
  if (kind === 'other') return 'special';
  const dot = name.lastIndexOf('.');
  return (dot > 0 ? BY_ENDING[name.slice(dot + 1).toLowerCase()] : undefined) ?? 'file';
}

export function kindName({ kind }: Pick<FileEntry, 'kind'>): string {
  const names = {
    directory: t.filesPane.folder,
    symlink: t.filesPane.link,
    other: t.filesPane.other,
  };
  return kind === 'file' ? t.filesPane.file : names[kind];
}
