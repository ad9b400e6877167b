/** What can be done with a machine, besides what its card has buttons for. */
import type { MenuItem } from '../../components/menu';
import {
  deleteMachine,
  detachMachine,
  forceStop,
  restartMachine,
} from '../../lib/actions/machines';
import type { Vm } from '../../lib/api/types';
import type { App } from '../../lib/state/app.svelte';
import { t } from '../../lib/text';

export function machineMenu(app: App, vm: Vm): MenuItem[] {
  if (vm.attached) return ofAttached(app, vm);
  const stopped = vm.status === 'stopped' || vm.status === 'error';
  const snapshot: MenuItem = {
    label: t.snapshots.take,
    icon: 'camera',
    testid: 'vm-snapshot',
    // There is something to freeze while it runs, and when its disk is kept.
    disabled: (vm.setup?.session_bytes ?? null) === null,
    run: () => (app.view.dialog = { kind: 'take-snapshot', vmId: vm.id }),
  };
  return stopped ? [...whileStopped(app, vm, snapshot)] : [...whileRunning(app, vm, snapshot)];
}

/** Of a machine that somebody else starts, and ends. */
function ofAttached(app: App, vm: Vm): MenuItem[] {
  const written = vm.mounts.filter(({ mode }) => mode === 'rw').map(({ volume_id }) => volume_id);
  return [
    {
      label: t.attach.doctor,
      icon: 'info',
      testid: 'vm-doctor-item',
      run: () => (app.view.dialog = { kind: 'vm-doctor', vmId: vm.id }),
    },
    {
      label: t.group.vmAction,
      icon: 'flag',
      testid: 'vm-checkpoint',
      disabled: written.length === 0,
      run: () => (app.view.dialog = { kind: 'group', volumeIds: written }),
    },
    {
      label: t.attach.detach,
      icon: 'eject',
      separated: true,
      testid: 'vm-detach',
      disabled: vm.mounts.length > 0,
      run: () => void detachMachine(app, vm),
    },
  ];
}

const whileStopped = (app: App, vm: Vm, snapshot: MenuItem): MenuItem[] => [
  {
    label: t.machines.console,
    icon: 'terminal',
    testid: 'vm-console-item',
    run: () => (app.view.dialog = { kind: 'console', vmId: vm.id }),
  },
  snapshot,
  {
    label: t.machines.delete,
    icon: 'trash',
    danger: true,
    separated: true,
    testid: 'vm-delete',
    run: () => void deleteMachine(app, vm),
  },
];

function whileRunning(app: App, vm: Vm, snapshot: MenuItem): MenuItem[] {
  const written = vm.mounts.filter(({ mode }) => mode === 'rw').map(({ volume_id }) => volume_id);
  return [
    snapshot,
    {
      label: t.group.vmAction,
      icon: 'flag',
      testid: 'vm-checkpoint',
      disabled: written.length === 0,
      run: () => (app.view.dialog = { kind: 'group', volumeIds: written }),
    },
    {
      label: t.machines.restart,
      icon: 'again',
      separated: true,
      testid: 'vm-restart',
      disabled: vm.status !== 'active',
      run: () => void restartMachine(app, vm),
    },
    {
      label: t.machines.forceStop,
      icon: 'stop',
      danger: true,
      testid: 'vm-force-stop',
      run: () => void forceStop(app, vm),
    },
  ];
}
