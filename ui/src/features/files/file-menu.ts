/** What can be done with the selected files. */
import type { MenuItem } from '../../components/menu';
import {
  deleteFiles,
  downloadFiles,
  lookAt,
  openEntry,
  openHistory,
  putBack,
} from '../../lib/actions/files';
import type { FileEntry } from '../../lib/api/types';
import type { App } from '../../lib/state/app.svelte';
import { t } from '../../lib/text';

export const downloadLabel = (app: App): string =>
  app.backend.host === 'desktop' ? t.filesPane.download : t.filesPane.downloadBrowser;

export function fileMenu(
  app: App,
  entries: readonly FileEntry[],
  rename: (path: string) => void,
): MenuItem[] {
  const [first] = entries;
  if (!first) return [];
  const single = entries.length === 1;
  const locked = app.files.readOnly;
  const items: MenuItem[] = [
    {
      label: downloadLabel(app),
      icon: 'download',
      testid: 'file-download',
      run: () => void downloadFiles(app, entries),
    },
    {
      label: t.common.rename,
      icon: 'pencil',
      testid: 'file-rename',
      disabled: locked || !single,
      keys: 'F2',
      run: () => rename(first.path),
    },
    {
      label: t.common.delete,
      icon: 'trash',
      testid: 'file-delete',
      danger: true,
      separated: true,
      disabled: locked,
      keys: 'Del',
      run: () => void deleteFiles(app, entries),
    },
  ];
  if (app.files.at !== null) {
    // Nothing of the past can be changed, but it can be brought back.
    items.splice(1, items.length, {
      label: t.filesPane.putBack,
      icon: 'restore',
      testid: 'file-put-back',
      run: () => void putBack(app, entries),
    });
  }
  if (single && first.kind === 'file') {
    items.splice(1, 0, {
      label: t.history.action,
      icon: 'clock',
      testid: 'file-history',
      run: () => openHistory(app, first.path),
    });
  }
  if (single) {
    items.unshift({
      label: first.kind === 'directory' ? t.filesPane.properties : t.filesPane.look,
      icon: 'eye',
      testid: 'file-look',
      keys: first.kind === 'directory' ? 'Alt+↵' : '↵',
      run: () => lookAt(app, first),
    });
  }
  if (single && first.kind === 'directory') {
    items.unshift({
      label: t.filesPane.open,
      icon: 'folder',
      testid: 'file-open',
      keys: '↵',
      run: () => openEntry(app, first),
    });
  }
  return items;
}
