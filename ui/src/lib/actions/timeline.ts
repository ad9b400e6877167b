/** What a person does with checkpoints: ask, do, tell. */
import type { Checkpoint, Volume } from '../api/types';
import { ago } from '../logic/format';
import type { App } from '../state/app.svelte';
import { clock } from '../state/clock.svelte';
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

export async function restoreCheckpoint(app: App, checkpoint: Checkpoint): Promise<void> {
  const sure = await app.view.confirm({
    title: t.timeline.restoreTitle(checkpoint.name),
    body: t.timeline.restoreBody(ago(checkpoint.created_at, clock.now)),
    action: t.timeline.restoreSubmit,
  });
  if (!sure) return;
  const done = await app.attempt(async () => {
    app.volumes.put(await app.checkpoints.restore(checkpoint));
  });
  if (!done) return;
  app.files.browse(null);
  app.toasts.show('success', t.timeline.restored(checkpoint.name));
}

export async function deleteCheckpoint(app: App, checkpoint: Checkpoint): Promise<void> {
  const sure = await app.view.confirm({
    title: t.timeline.deleteTitle(checkpoint.name),
    body: t.timeline.deleteBody,
    action: t.common.delete,
    danger: true,
  });
  if (!sure) return;
  const done = await app.attempt(() => app.checkpoints.delete(checkpoint));
  if (done && app.files.at?.id === checkpoint.id) app.files.browse(null);
}
