/** What a person does with files: ask, do, tell. */
import type { FileEntry } from '../api/types';
import { base } from '../logic/paths';
import type { App } from '../state/app.svelte';
import { t } from '../text';

export async function deleteFiles(app: App, entries: readonly FileEntry[]): Promise<void> {
  const [first] = entries;
  if (!first || app.files.readOnly) return;
  const { volumeId } = app.files;
  const paths = entries.map(({ path }) => path);
  let checkpoint = '';
  const done = await app.attempt(async () => {
    checkpoint = await app.files.delete(entries);
  });
  if (!done || volumeId === null) return;
  const undo = () =>
    app.attempt(async () => {
      const request = { paths, destination: null };
      await app.backend.checkpointRestoreFiles(volumeId, checkpoint, request);
    });
  const message = t.filesPane.deleted(entries.length, first.name);
  app.toasts.show('success', message, null, { label: t.trash.undo, run: undo });
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

/** Asks for the address of a file that is to come into the folder that is looked at. */
export function openFetch(app: App): void {
  const volume = app.volumes.selected;
  if (volume !== null) app.view.dialog = { kind: 'fetch', volume, path: app.files.path };
}

/** A folder is opened; anything else is looked at. */
export function openEntry(app: App, entry: FileEntry): void {
  if (entry.kind === 'directory') app.files.go(entry.path);
  else lookAt(app, entry);
}

/** Shows what a file holds, and its properties. */
export function lookAt(app: App, entry: FileEntry): void {
  app.view.dialog = { kind: 'look', entry };
}

/** Shows every version of what is, or was, at `path`. */
export function openHistory(app: App, path: string): void {
  const { volumeId } = app.files;
  if (volumeId !== null) app.view.dialog = { kind: 'history', volumeId, path };
}

/** Puts one thing back into the present as a checkpoint has it; it may have another name there. */
export async function putBackOne(
  app: App,
  from: { volumeId: string; checkpoint: { id: string; name: string } },
  path: string,
): Promise<boolean> {
  const { volumeId, checkpoint } = from;
  const sure = await app.view.confirm({
    title: t.diff.putBackTitle(base(path), checkpoint.name),
    body: t.diff.putBackBody,
    action: t.filesPane.putBack,
  });
  if (!sure) return false;
  return app.attempt(async () => {
    const request = { paths: [path], destination: null };
    await app.backend.checkpointRestoreFiles(volumeId, checkpoint.id, request);
  });
}

/** Copies one thing out of a volume, as it is in the checkpoint `at` or in the present. */
export async function downloadOne(
  app: App,
  volumeId: string,
  path: string,
  at: string | null,
): Promise<void> {
  const volume = app.volumes.find(volumeId);
  if (volume === null) return;
  await app.attempt(async () => {
    const entry = await app.backend.fileStat(volumeId, path, at);
    await app.backend.download(volume, [entry], at);
  });
}
