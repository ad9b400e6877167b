/** What a person does with files: ask, do, tell. */
import type { FileEntry } from '../api/types';
import type { App } from '../state/app.svelte';
import { t } from '../text';

export async function deleteFiles(app: App, entries: readonly FileEntry[]): Promise<void> {
  const [first] = entries;
  if (!first || app.files.readOnly) return;
  const sure = await app.view.confirm({
    title: t.filesPane.deleteTitle(entries.length, first.name),
    body: t.filesPane.deleteBody(app.checkpoints.latest?.name ?? null),
    action: t.common.delete,
    danger: true,
  });
  if (sure) await app.attempt(() => app.files.delete(entries));
}

export async function downloadFiles(app: App, entries: readonly FileEntry[]): Promise<void> {
  const volume = app.volumes.selected;
  if (volume === null || entries.length === 0) return;
  const at = app.files.at?.id ?? null;
  await app.attempt(async () => {
    await app.backend.download(volume, [...entries], at);
  });
}

/** A folder is opened; anything else is saved to look at it with the host's own programs. */
export function openEntry(app: App, entry: FileEntry): void {
  if (entry.kind === 'directory') app.files.go(entry.path);
}
