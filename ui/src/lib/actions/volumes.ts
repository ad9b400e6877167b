/** What a person does with volumes: ask, do, tell. */
import type { Volume } from '../api/types';
import { bytes } from '../logic/format';
import type { App } from '../state/app.svelte';
import { t } from '../text';

export async function deleteVolume(app: App, volume: Volume): Promise<void> {
  const [mount] = volume.mounts;
  if (mount) {
    app.toasts.show('warning', t.volumes.deleteMounted(mount.vm_name));
    return;
  }
  const sure = await app.view.confirm({
    title: t.volumes.deleteTitle(volume.name),
    body: t.volumes.deleteBody(bytes(volume.used_bytes), volume.checkpoint_count),
    action: t.common.delete,
    danger: true,
  });
  if (!sure) return;
  const done = await app.attempt(() => app.volumes.delete(volume.id));
  if (done) app.toasts.show('success', t.volumes.deleted(volume.name));
}

export const renameVolume = (app: App, volume: Volume, name: string): Promise<boolean> =>
  app.attempt(() => app.volumes.update(volume.id, { name }));

export function unmount(app: App, vmId: string, mountPath: string): Promise<boolean> {
  return app.attempt(() => app.machines.unmount(vmId, mountPath));
}

export function openMount(
  app: App,
  what: { volumeId?: string; vmId?: string; checkpointId?: string },
): void {
  const { volumeId = null, vmId = null, checkpointId = null } = what;
  app.view.dialog = { kind: 'mount', volumeId, vmId, checkpointId };
}
