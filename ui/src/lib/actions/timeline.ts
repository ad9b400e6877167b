/** What a person does with checkpoints: ask, do, tell. */
import type { Checkpoint, Deletion, Volume } from '../api/types';
import { bytes } from '../logic/format';
import type { App } from '../state/app.svelte';
import { t } from '../text';

export function takeCheckpoint(app: App, volume: Volume, name: string): Promise<boolean> {
  return app.attempt(async () => {
    const checkpoint = await app.checkpoints.create(volume, name === '' ? null : name);
    app.toasts.show('success', t.timeline.created(checkpoint.name));
  });
}

/** Shows the files as they were; `null` goes back to the present. */
export function browseCheckpoint(app: App, checkpoint: Checkpoint | null): void {
  app.files.browse(checkpoint);
  app.view.pane = 'files';
}

/** Asks for the name of a new volume that begins at `checkpoint`. */
export function openBranch(app: App, checkpoint: Checkpoint): void {
  const volume = app.volumes.selected;
  if (volume !== null) app.view.dialog = { kind: 'branch', volume, checkpoint };
}

/** Shows what going back to `checkpoint` changes, and then does it. */
export function openRestore(app: App, checkpoint: Checkpoint): void {
  app.view.dialog = { kind: 'restore', checkpoint };
}

export async function restoreCheckpoint(app: App, checkpoint: Checkpoint): Promise<void> {
  app.volumes.put(await app.checkpoints.restore(checkpoint));
  app.compare.close();
  app.files.browse(null);
  app.toasts.show('success', t.timeline.restored(checkpoint.name));
}

/** Shows what deleting `checkpoint` takes and gives, and then does it. */
export function openDelete(
  app: App,
  volumeId: string,
  checkpoint: { id: string; name: string },
): void {
  app.view.dialog = { kind: 'delete-checkpoint', volumeId, checkpoint };
}

/** Tells how much room has come back. */
export function tellDeleted(app: App, name: string, { freed_bytes, later_bytes }: Deletion): void {
  const { freed, freedLater, done } = t.deletion;
  app.toasts.show(
    'success',
    freed_bytes > 0
      ? freed(name, bytes(freed_bytes))
      : later_bytes > 0
        ? freedLater(name, bytes(later_bytes))
        : done(name),
  );
}

/** Shows what has changed since `checkpoint`. */
export function compareWithNow(app: App, checkpoint: Checkpoint): void {
  app.compare.open(checkpoint, null, app.checkpoints.list);
  app.view.pane = 'timeline';
}
