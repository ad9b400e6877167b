/** Everything that can be done now, as the command palette lists it. */
import type { Checkpoint, Vm, Volume } from '../api/types';
import { KEYS } from '../logic/shortcuts';
import type { App } from '../state/app.svelte';
import type { Pane } from '../state/view.svelte';
import { t } from '../text';
import { openFetch } from './files';
import { openWatch } from './watches';
import { restartMachine, startDemo, startMachine, stopMachine } from './machines';
import { browseCheckpoint, openRestore } from './timeline';
import { deleteVolume, exportVolume, importVolume, openMount, unmount } from './volumes';

export type CommandGroup = keyof typeof t.palette.groups;

export interface Command {
  id: string;
  group: CommandGroup;
  title: string;
  icon: CommandIcon;
  keys?: string;
  run: () => unknown;
}

/** Names of icons; which they are, the components know. */
export type CommandIcon =
  | 'volume'
  | 'machine'
  | 'link'
  | 'flag'
  | 'text'
  | 'mount'
  | 'eject'
  | 'grow'
  | 'branch'
  | 'calendar'
  | 'group'
  | 'trash'
  | 'folder'
  | 'newFolder'
  | 'clock'
  | 'space'
  | 'upload'
  | 'download'
  | 'plus'
  | 'play'
  | 'stop'
  | 'again'
  | 'terminal'
  | 'camera'
  | 'panel'
  | 'sun'
  | 'moon'
  | 'system'
  | 'info'
  | 'sliders'
  | 'keyboard'
  | 'eye'
  | 'restore'
  | 'pencil';

/** The commands in the order in which they stand when nothing is looked for. */
export function commands(app: App): Command[] {
  const volume = app.volumes.selected;
  return [
    ...(volume ? ofVolume(app, volume) : []),
    ...ofWindow(app),
    ...app.machines.list.flatMap((vm) => ofMachine(app, vm)),
    ...app.volumes.list.filter((one) => one !== volume).map((one) => goTo(app, one)),
    ...[...app.checkpoints.list].reverse().flatMap((one) => ofCheckpoint(app, one)),
  ];
}

function ofVolume(app: App, volume: Volume): Command[] {
  const { view } = app;
  const command = (id: string, icon: CommandIcon, title: string, run: () => unknown): Command => ({
    id,
    group: 'volume',
    icon,
    title,
    run,
  });
  const pane = (name: Pane, icon: CommandIcon): Command => ({
    ...command(name, icon, t.palette.pane(t.panes[name]), () => (view.pane = name)),
    keys: KEYS[name],
  });
  const files: Command[] = app.files.readOnly
    ? [command('present', 'restore', t.filesPane.backToPresent, () => browseCheckpoint(app, null))]
    : [
        command('add-files', 'upload', t.palette.addFiles, () => app.upload('files')),
        command('add-folders', 'upload', t.palette.addFolders, () => app.upload('folders')),
        { ...command('paste', 'text', t.paste.action, () => app.menu('paste')), keys: KEYS.paste },
        command('fetch', 'link', t.fetch.action, () => openFetch(app)),
        command('watch', 'eye', t.watch.action, () => openWatch(app)),
      ];
  return [
    command('checkpoint-now', 'flag', t.timeline.create, () => app.menu('checkpoint')),
    command('checkpoint', 'flag', t.timeline.open, () => view.nameCheckpoint()),
    command('mount', 'mount', t.mount.action, () => openMount(app, { volumeId: volume.id })),
    ...volume.mounts.map(({ vm_id, vm_name, mount_path }) =>
      command(
        `unmount ${vm_id} ${mount_path}`,
        'eject',
        t.palette.unmount(mount_path, vm_name),
        () => unmount(app, vm_id, mount_path),
      ),
    ),
    pane('files', 'folder'),
    pane('timeline', 'clock'),
    pane('space', 'space'),
    ...files,
    command('grow', 'grow', t.volumes.grow, () => (view.dialog = { kind: 'grow', volume })),
    command(
      'clone',
      'branch',
      t.branch.clone,
      () => (view.dialog = { kind: 'branch', volume, checkpoint: null }),
    ),
    command(
      'policy',
      'calendar',
      t.policy.action,
      () => (view.dialog = { kind: 'policy', volume }),
    ),
    command(
      'group',
      'group',
      t.group.action,
      () => (view.dialog = { kind: 'group', volumeIds: [volume.id] }),
    ),
    command('export', 'download', t.exchange.export, () => exportVolume(app, volume)),
    command('delete', 'trash', t.palette.deleteVolume(volume.name), () =>
      deleteVolume(app, volume),
    ),
  ];
}

function ofWindow(app: App): Command[] {
  const { view, theme } = app;
  const command = (
    id: string,
    icon: CommandIcon,
    title: string,
    run: () => unknown,
    keys?: string,
  ): Command => ({ id, group: 'window', icon, title, run, ...(keys ? { keys } : {}) });
  return [
    command('new-volume', 'plus', t.palette.newVolume, () => app.menu('new-volume')),
    command('import', 'upload', t.exchange.import, () => importVolume(app)),
    command('trash', 'trash', t.trash.title, () => app.menu('trash')),
    command(
      'new-machine',
      'plus',
      t.newMachine.action,
      () => (view.dialog = { kind: 'new-machine', snapshotId: null }),
    ),
    command('attach', 'link', t.attach.action, () => (view.dialog = { kind: 'attach' })),
    command('demo', 'play', t.machines.demo, () => startDemo(app)),
    command('snapshots', 'camera', t.snapshots.action, () => (view.dialog = { kind: 'snapshots' })),
    command(
      'machines',
      'panel',
      view.machinesOpen ? t.shell.hideMachines : t.shell.showMachines,
      () => view.toggleMachines(),
      KEYS.machines,
    ),
    command('settings', 'sliders', t.settings.open, () => app.menu('settings'), KEYS.settings),
    command(
      'shortcuts',
      'keyboard',
      t.shortcuts.title,
      () => app.menu('shortcuts'),
      KEYS.shortcuts,
    ),
    command('light', 'sun', t.palette.theme.light, () => theme.choose('light')),
    command('dark', 'moon', t.palette.theme.dark, () => theme.choose('dark')),
    command('system', 'system', t.palette.theme.system, () => theme.choose('system')),
    command('refresh', 'again', t.palette.refresh, () => app.refresh()),
    command('log', 'text', t.log.open, () => app.menu('log')),
    command('tour', 'flag', t.tour.action, () => app.menu('tour')),
    command('about', 'info', t.shell.about, () => app.menu('about')),
  ];
}

function ofMachine(app: App, vm: Vm): Command[] {
  const command = (
    what: string,
    icon: CommandIcon,
    title: string,
    run: () => unknown,
  ): Command => ({
    id: `${what} ${vm.id}`,
    group: 'machine',
    icon,
    title,
    run,
  });
  const { palette } = t;
  const console = command(
    'console',
    'terminal',
    palette.consoleVm(vm.name),
    () => (app.view.dialog = { kind: 'console', vmId: vm.id }),
  );
  if (vm.attached) return ofAttached(app, vm);
  if (vm.status === 'stopped' || vm.status === 'error') {
    return [
      command('start', 'play', palette.startVm(vm.name), () => startMachine(app, vm)),
      console,
    ];
  }
  return [
    command('mount-in', 'mount', palette.mountVm(vm.name), () => openMount(app, { vmId: vm.id })),
    console,
    command('stop', 'stop', palette.stopVm(vm.name), () => stopMachine(app, vm)),
    command('restart', 'again', palette.restartVm(vm.name), () => restartMachine(app, vm)),
  ];
}

/** Of one that somebody else starts, and ends. */
function ofAttached(app: App, vm: Vm): Command[] {
  const group = 'machine';
  const doctor = () => (app.view.dialog = { kind: 'vm-doctor', vmId: vm.id });
  const title = t.palette.doctorVm(vm.name);
  const commands: Command[] = [{ id: `doctor ${vm.id}`, group, icon: 'info', title, run: doctor }];
  if (vm.status !== 'active') return commands;
  const mount = () => openMount(app, { vmId: vm.id });
  const mountTitle = t.palette.mountVm(vm.name);
  return [
    { id: `mount-in ${vm.id}`, group, icon: 'mount', title: mountTitle, run: mount },
    ...commands,
  ];
}

const goTo = (app: App, volume: Volume): Command => ({
  id: volume.id,
  group: 'go',
  icon: 'volume',
  title: volume.name,
  run: () => app.select(volume.id),
});

const ofCheckpoint = (app: App, checkpoint: Checkpoint): Command[] => [
  {
    id: `browse ${checkpoint.id}`,
    group: 'checkpoint',
    icon: 'eye',
    title: t.palette.browse(checkpoint.name),
    run: () => browseCheckpoint(app, checkpoint),
  },
  {
    id: `restore ${checkpoint.id}`,
    group: 'checkpoint',
    icon: 'restore',
    title: t.palette.restore(checkpoint.name),
    run: () => openRestore(app, checkpoint),
  },
];
