/** What a person does with watched folders: ask, do, tell. */
import type { Watch } from '../api/types';
import type { App } from '../state/app.svelte';
import { t } from '../text';

/** Asks for a folder that is to be kept in step into the folder that is looked at. */
export function openWatch(app: App): void {
  const volume = app.volumes.selected;
  if (volume !== null) app.view.dialog = { kind: 'watch', volume, path: app.files.path };
}

/** Keeps a folder in step no longer; nothing is deleted by that. */
export async function removeWatch(app: App, watch: Watch): Promise<void> {
  await app.attempt(async () => {
    await app.backend.watchRm(watch.volume_id, watch.id);
    app.toasts.show('success', t.watch.removed(watch.host_path));
  });
}
