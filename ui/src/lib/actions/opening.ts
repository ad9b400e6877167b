/** Shows what the window was asked to show from outside, by a link or by the tray. */
import type { App } from '../state/app.svelte';
import { t } from '../text';
import { browseCheckpoint } from './timeline';

export async function showOpening(app: App): Promise<void> {
  await app.attempt(async () => {
    const opening = (await app.backend.openingTake?.()) ?? null;
    if (opening === null) return;
    const is = (wanted: string) => (thing: { id: string; name: string }) =>
      thing.id === wanted || thing.name === wanted;
    const volume = app.volumes.list.find(is(opening.volume));
    if (volume === undefined) {
      app.toasts.show('warning', t.opening.noVolume(opening.volume));
      return;
    }
    app.view.close();
    app.select(volume.id);
    if (opening.checkpoint === null) return;
    const found = (await app.backend.checkpointList(volume.id)).find(is(opening.checkpoint));
    if (found !== undefined) browseCheckpoint(app, found);
    else app.toasts.show('warning', t.opening.noCheckpoint(opening.checkpoint, volume.name));
  });
}
