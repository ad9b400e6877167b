/** What a person does with volumes: ask, do, tell. */
import type { Volume } from '../api/types';
import { asBackendError } from '../backend/errors';
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

/** Unmounts; where something in the guest uses the volume, a person may insist. */
export async function unmount(app: App, vmId: string, mountPath: string): Promise<boolean> {
  const failure = await app.machines.unmount(vmId, mountPath).then(
    () => null,
    (thrown: unknown) => asBackendError(thrown),
  );
  if (failure === null) return true;
  if (failure.code !== 'in-use') {
    app.toasts.failure(failure);
    return false;
  }
  const sure = await app.view.confirm({
    title: t.machines.busyTitle(mountPath),
    body: t.machines.busyBody(failure.message),
    action: t.machines.unmountByForce,
    danger: true,
  });
  if (!sure) return false;
  return app.attempt(async () => {
    const warning = await app.machines.unmountByForce(vmId, mountPath);
    if (warning !== null) app.toasts.show('warning', warning);
  });
}

export function openMount(
  app: App,
  what: { volumeId?: string; vmId?: string; checkpointId?: string },
): void {
  const { volumeId = null, vmId = null, checkpointId = null } = what;
  app.view.dialog = { kind: 'mount', volumeId, vmId, checkpointId };
}
