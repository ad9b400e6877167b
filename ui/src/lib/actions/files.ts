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

/** Puts files of a checkpoint back into the present, where they were. */
export async function putBack(app: App, entries: readonly FileEntry[]): Promise<void> {
  const [volume, checkpoint, [first]] = [app.volumes.selected, app.files.at, entries];
  if (volume === null || checkpoint === null || !first) return;
  const sure = await app.view.confirm({
    title: t.filesPane.putBackTitle(entries.length, first.name),
    body: t.filesPane.putBackBody(checkpoint.name),
    action: t.filesPane.putBack,
  });
  if (!sure) return;
  const paths = entries.map(({ path }) => path);
  await app.attempt(async () => {
    await app.backend.checkpointRestoreFiles(volume.id, checkpoint.id, {
      paths,
      destination: null,
    });
  });
}

/** A folder is opened; anything else is saved to look at it with the host's own programs. */
export function openEntry(app: App, entry: FileEntry): void {
  if (entry.kind === 'directory') app.files.go(entry.path);
}
