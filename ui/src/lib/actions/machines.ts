/** What a person does with machines: ask, do, tell. */
import type { Snapshot, Vm } from '../api/types';
import { bytes } from '../logic/format';
import type { App } from '../state/app.svelte';
import { t } from '../text';

export const startDemo = (app: App): Promise<boolean> =>
  app.attempt(async () => {
    await app.machines.demo();
  });

export const startMachine = (app: App, vm: Vm): Promise<boolean> =>
  app.attempt(() => app.machines.start(vm.id));

/** Stops a machine; asks only when volumes have to be unmounted for it. */
export async function stopMachine(app: App, vm: Vm): Promise<void> {
  const count = vm.mounts.length;
  const sure =
    count === 0 ||
    (await app.view.confirm({
      title: t.machines.stopTitle(vm.name),
      body: t.machines.stopBody(count),
      action: t.machines.stop,
    }));
  if (sure) await app.attempt(() => app.machines.stop(vm.id, false));
}

export async function restartMachine(app: App, vm: Vm): Promise<void> {
  const sure =
    vm.mounts.length === 0 ||
    (await app.view.confirm({
      title: t.machines.restartTitle(vm.name),
      body: t.machines.stopBody(vm.mounts.length),
      action: t.machines.restart,
    }));
  if (sure) await app.attempt(() => app.machines.restart(vm.id));
}

export async function forceStop(app: App, vm: Vm): Promise<void> {
  const sure = await app.view.confirm({
    title: t.machines.forceTitle(vm.name),
    body: t.machines.forceBody,
    action: t.machines.forceSubmit,
    danger: true,
  });
  if (sure) await app.attempt(() => app.machines.stop(vm.id, true));
}

export async function deleteMachine(app: App, vm: Vm): Promise<void> {
  const disk = vm.setup?.session_bytes ?? null;
  const sure = await app.view.confirm({
    title: t.machines.deleteTitle(vm.name),
    body: disk === null ? t.machines.deleteBody : t.machines.deleteKeptBody(bytes(disk)),
    action: t.common.delete,
    danger: true,
  });
  if (sure) await app.attempt(() => app.machines.delete(vm.id));
}

/** Forgets a machine that somebody else starts; it goes on running, and can be attached again. */
export async function detachMachine(app: App, vm: Vm): Promise<void> {
  const done = await app.attempt(() => app.machines.detach(vm.id));
  if (!done || !vm.attached) return;
  const { qmp, agent, libvirt } = vm.attached;
  const again = () =>
    app.attempt(async () => {
      await app.machines.attach({ name: vm.name, qmp, agent, libvirt });
    });
  app.toasts.show('success', t.attach.detached(vm.name), null, { label: t.trash.undo, run: again });
}

export async function deleteSnapshot(app: App, snapshot: Snapshot): Promise<void> {
  const sure = await app.view.confirm({
    title: t.snapshots.deleteTitle(snapshot.name),
    body: t.snapshots.deleteBody,
    action: t.common.delete,
    danger: true,
  });
  const done = sure && (await app.attempt(() => app.machines.deleteSnapshot(snapshot.id)));
  if (done) app.toasts.show('success', t.snapshots.deleted(snapshot.name));
  // One comes back to the list that one came from.
  app.view.dialog = { kind: 'snapshots' };
}
