/** What a person does with volumes: ask, do, tell. */
import type { Checkpoint, DeletedVolume, Volume } from '../api/types';
import { asBackendError } from '../backend/errors';
import { bytes } from '../logic/format';
import type { App } from '../state/app.svelte';
import { lastWish } from '../state/volume-drag.svelte';
import { t, told } from '../text';

export async function deleteVolume(app: App, volume: Volume): Promise<void> {
  const [mount] = volume.mounts;
  if (mount) {
    app.toasts.show('warning', t.volumes.deleteMounted(mount.vm_name));
    return;
  }
  // Nobody is asked: it can be undone, here at once and for days in the trash.
  const done = await app.attempt(() => app.volumes.delete(volume.id));
  if (!done) return;
  const undo = { label: t.trash.undo, run: () => undeleteVolume(app, volume.id) };
  app.toasts.show('success', t.volumes.deleted(volume.name), t.trash.inTrash, undo);
}

/** Brings a deleted volume back and shows it. */
export function undeleteVolume(app: App, id: string): Promise<boolean> {
  return app.attempt(async () => {
    const volume = await app.trash.undelete(id);
    app.volumes.put(volume);
    app.volumes.query = '';
    app.select(volume.id);
    app.toasts.show('success', t.trash.back(volume.name));
  });
}

/** Removes a deleted volume for good, after a question. */
export async function removeForGood(app: App, volume: DeletedVolume): Promise<void> {
  const sure = await app.view.confirm({
    title: t.trash.removeTitle(volume.name),
    body: t.trash.removeBody(bytes(volume.disk_bytes)),
    action: t.trash.remove,
    danger: true,
  });
  if (sure) await app.attempt(() => app.trash.remove(volume.id));
  app.view.dialog = { kind: 'trash' };
}

/** Removes all deleted volumes for good, after a question. */
export async function emptyTrash(app: App): Promise<void> {
  const sure = await app.view.confirm({
    title: t.trash.emptyTitle(app.trash.volumes.length),
    body: t.trash.emptyBody,
    action: t.trash.empty,
    danger: true,
  });
  if (sure) await app.attempt(() => app.trash.empty());
  app.view.dialog = { kind: 'trash' };
}

/** Lets a person choose what becomes a new volume. */
export function importVolume(app: App, source: string | null = null): void {
  app.view.dialog = { kind: 'import', source };
}

export function exportVolume(app: App, volume: Volume, checkpoint: Checkpoint | null = null): void {
  app.view.dialog = { kind: 'export', volume, checkpoint };
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
    body: t.machines.busyBody(failure.title),
    detail: failure.detail,
    action: t.machines.unmountByForce,
    danger: true,
  });
  if (!sure) return false;
  return app.attempt(async () => {
    const warning = await app.machines.unmountByForce(vmId, mountPath);
    if (warning !== null) app.toasts.show('warning', told(warning));
  });
}

/**
 * A volume was dropped on a machine: it goes where and how it was mounted the last time, or a person is asked when there
 * was none, or when that place is taken.
 */
export async function mountByDrop(app: App, volume: Volume, vmId: string): Promise<void> {
  const wish = lastWish(volume.id);
  const vm = app.machines.find(vmId);
  const isTaken = vm?.mounts.some(({ mount_path }) => mount_path === wish?.path) ?? false;
  if (wish === null || isTaken || vm === null) {
    openMount(app, { volumeId: volume.id, vmId });
    return;
  }
  const { path, mode } = wish;
  await app.attempt(async () => {
    const request = { volume_id: volume.id, mount_path: path, mode, checkpoint_id: null };
    await app.machines.mount(vmId, request);
    const undo = { label: t.trash.undo, run: () => unmount(app, vmId, path) };
    app.toasts.show('success', t.mount.done(volume.name, vm.name, path), null, undo);
  });
}

export function openMount(
  app: App,
  what: { volumeId?: string; vmId?: string; checkpointId?: string },
): void {
  const { volumeId = null, vmId = null, checkpointId = null } = what;
  app.view.dialog = { kind: 'mount', volumeId, vmId, checkpointId };
}
