/**
 * The desktop shell as a host: every method is one command of the shell.
 *
 * The only file that may import `@tauri-apps/*`. Files are handed over as host paths; their bytes
 * never pass through here.
 */
import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview, type DragDropEvent } from '@tauri-apps/api/webview';
import type { Conflict, Event, FileEntry, MountRate, Transfer, Volume } from '../api/types';
import type { Backend, DropEvent, Incoming, Listeners, MenuEvent } from './backend';
import { join } from '../logic/paths';
import { t } from '../text';
import { fromEngine } from './errors';
import { everyFile, PAGE } from './pages';

/** Calls a command; whatever is thrown becomes a `BackendError`. */
async function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw fromEngine(thrown);
  }
}

const nameOf = (path: string): string =>
  path
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .pop() ?? path;

const incomingFrom = (paths: string[]): Incoming => ({
  kind: 'paths',
  paths,
  names: paths.map(nameOf),
});

async function pick(command: 'pick_files' | 'pick_folders'): Promise<Incoming | null> {
  const paths = await call<string[]>(command);
  return paths.length > 0 ? incomingFrom(paths) : null;
}

/** Turns the webview's drag events into the UI's; "over" events carry no paths, "enter" does. */
function dropAdapter(drop: (event: DropEvent) => void): (payload: DragDropEvent) => void {
  let count = 0;
  return (payload) => {
    if (payload.type === 'leave') {
      drop({ type: 'leave' });
      return;
    }
    const { x, y } = payload.position.toLogical(window.devicePixelRatio);
    if (payload.type === 'enter') count = payload.paths.length;
    if (payload.type === 'drop') {
      drop({ type: 'drop', x, y, incoming: Promise.resolve(incomingFrom(payload.paths)) });
    } else {
      drop({ type: 'over', x, y, count });
    }
  };
}

async function connect(listeners: Listeners): Promise<void> {
  const adapt = dropAdapter(listeners.drop);
  await Promise.all([
    listen<Event>('engine-event', (event) => listeners.event(event.payload)),
    listen<MenuEvent>('menu', (event) => listeners.menu(event.payload)),
    getCurrentWebview().onDragDropEvent((event) => adapt(event.payload)),
  ]);
  listeners.link('open');
  // Menus and the tray speak the window's language.
  await call('set_language', { language: t.locale });
}

async function upload(
  volume: Volume,
  incoming: Incoming,
  destination: string,
  conflict: Conflict,
): Promise<void> {
  if (incoming.kind === 'clipboard') {
    const path = join(destination, incoming.names[0] ?? '');
    await call<FileEntry>('clipboard_put', { volume: volume.id, path, kind: incoming.what });
    return;
  }
  if (incoming.kind !== 'paths') throw new TypeError('The desktop hands over paths.');
  const { paths, names } = incoming;
  const send = (sources: string[], to: string) =>
    call<Transfer>('upload', {
      volume: volume.id,
      request: { sources, destination: to, conflict },
    });
  const isRenamed = (path: string, index: number) => names[index] !== nameOf(path);
  const kept = paths.filter((path, index) => !isRenamed(path, index));
  // A trailing slash says "into this folder", as `cp -r` has it; without one it is the new name.
  if (kept.length > 0) await send(kept, `${destination}/`);
  for (const [index, path] of paths.entries()) {
    if (isRenamed(path, index)) await send([path], join(destination, names[index] ?? ''));
  }
}

async function clipboard(): Promise<Incoming | null> {
  const { kind, paths } = await call<{
    kind: 'paths' | 'text' | 'image' | 'nothing';
    paths: string[];
  }>('clipboard_look');
  if (kind === 'nothing') return null;
  if (kind === 'paths') return incomingFrom(paths);
  return { kind: 'clipboard', names: [t.paste.names[kind]], what: kind };
}

async function unpack(
  volume: Volume,
  incoming: Incoming,
  destination: string,
  conflict: Conflict,
): Promise<void> {
  if (incoming.kind !== 'paths') throw new TypeError('The desktop hands over paths.');
  const request = { archive: incoming.paths[0] ?? '', destination, conflict };
  await call<Transfer>('files_unpack', { volume: volume.id, request });
}

async function download(volume: Volume, entries: FileEntry[], at: string | null): Promise<boolean> {
  const folder = await call<string | null>('pick_save_folder');
  if (folder === null) return false;
  const paths = entries.map((entry) => entry.path);
  const request = { paths, destination: `${folder}/`, at, conflict: 'fail' };
  await call<Transfer>('download', { volume: volume.id, request });
  return true;
}

/** What the machine prints comes through a channel until the command ends. */
async function consoleLog(
  vm: string,
  print: (bytes: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const channel = new Channel<ArrayBuffer>((piece) => {
    if (!signal.aborted) print(new Uint8Array(piece));
  });
  const close = () => void call('vm_console_close', { channel: channel.id }).catch(() => undefined);
  signal.addEventListener('abort', close, { once: true });
  await call('vm_console_log', { vm, channel });
}

/** Ends when it is begun: what follows comes through the channel. */
async function mountRates(tell: (rates: MountRate[]) => void, signal: AbortSignal): Promise<void> {
  const channel = new Channel<MountRate[]>((rates) => {
    if (!signal.aborted) tell(rates);
  });
  const close = () =>
    void call('mount_rates_close', { channel: channel.id }).catch(() => undefined);
  await call('mount_rates', { channel });
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
}

export const tauri: Backend = {
  host: 'desktop',
  needsKey: () => false,
  useKey: () => undefined,
  connect,

  about: () => call('about'),
  doctor: () => call('doctor'),
  logRead: (level, text, limit) => call('log_read', { level, text, limit }),

  volumeList: () => call('volume_list'),
  volumeGet: (volume) => call('volume_get', { volume }),
  volumeCreate: (created) => call('volume_create', { new: created }),
  volumeUpdate: (volume, change) => call('volume_update', { volume, change }),
  volumeClone: (volume, name) => call('volume_clone', { volume, name }),
  volumeDelete: (volume) => call('volume_delete', { volume }),
  volumeUndelete: (volume, name) => call('volume_undelete', { volume, name }),
  trashList: () => call('trash_list'),
  trashRemove: (volume) => call('trash_remove', { volume }),
  trashEmpty: () => call('trash_empty'),
  trashKeep: (days) => call('trash_keep', { days }),
  volumeImport: async (request) => {
    await call<Transfer>('volume_import', { request });
  },
  volumeExport: (volume, request) => call('volume_export', { volume, request }),
  volumeUsage: (volume) => call('volume_usage', { volume }),
  volumeChain: (volume) => call('volume_chain', { volume }),
  volumeOptimiserSet: (volume, on) => call('volume_optimiser_set', { volume, on }),
  volumeOptimise: (volume) => call('volume_optimise', { volume }),

  policyGet: (volume) => call('policy_get', { volume }),
  policySet: (volume, change) => call('policy_set', { volume, change }),

  watchList: (volume) => call('watch_list', { volume }),
  watchAdd: (volume, added) => call('watch_add', { volume, new: added }),
  watchRm: async (volume, watch) => {
    await call('watch_rm', { volume, watch });
  },

  fileList: (volume, list) =>
    everyFile((cursor) =>
      call('file_page', { volume, list: { ...list, recursive: false }, limit: PAGE, cursor }),
    ),
  fileStat: (volume, path, at) => call('file_stat', { volume, path, at }),
  fileRead: async (volume, path, at, limit) =>
    new Uint8Array(await call<ArrayBuffer>('file_read', { volume, path, at, limit })),
  fileHistory: (volume, path) => call('file_history', { volume, path }),
  filesDelete: (volume, paths, recursive) =>
    call('files_delete_undoable', { volume, paths, recursive }),
  fileMkdir: (volume, path) => call('file_mkdir', { volume, path }),
  fileRename: (volume, from, to) => call('file_rename', { volume, from, to }),

  upload,
  download,
  filesUnpack: unpack,
  filesFetch: (volume, request) => call('files_fetch', { volume, request }),
  transferList: () => call('transfer_list'),
  transferPause: (id) => call('transfer_pause', { id }),
  transferResume: (id) => call('transfer_resume', { id }),
  transferRetry: (id) => call('transfer_retry', { id }),
  transferCancel: (id) => call('transfer_cancel', { id }),
  transferClear: () => call('transfer_clear'),

  checkpointList: (volume) => call('checkpoint_list', { volume }),
  checkpointCreate: (volume, name) => call('checkpoint_create', { volume, name }),
  checkpointCreateGroup: (group) => call('checkpoint_create_group', { group }),
  checkpointDiff: (volume, checkpoint, to, limit) =>
    call('checkpoint_diff', { volume, checkpoint, to, limit }),
  checkpointRestore: (volume, checkpoint) => call('checkpoint_restore', { volume, checkpoint }),
  checkpointRestoreFiles: (volume, checkpoint, request) =>
    call('checkpoint_restore_files', { volume, checkpoint, request }),
  checkpointBranch: (volume, checkpoint, name) =>
    call('checkpoint_branch', { volume, checkpoint, name }),
  checkpointDeletePlan: (volume, checkpoint) =>
    call('checkpoint_delete_plan', { volume, checkpoint }),
  checkpointDelete: (volume, checkpoint) => call('checkpoint_delete', { volume, checkpoint }),
  checkpointPruneWholePlan: (volume) => call('checkpoint_prune_whole_plan', { volume }),
  checkpointPrune: (volume) => call('checkpoint_prune', { volume }),

  vmList: () => call('vm_list'),
  vmDemo: (name) => call('vm_demo', { name }),
  vmDiscover: () => call('vm_discover'),
  vmAttach: (attached) => call('vm_attach', { new: attached }),
  vmDetach: (vm) => call('vm_detach', { vm }),
  vmDoctor: (vm) => call('vm_doctor', { vm }),
  vmCreate: (created) => call('vm_create', { new: created }),
  vmStart: (vm) => call('vm_start', { vm }),
  vmStop: (vm, force) => call('vm_stop', { vm, force }),
  vmRestart: (vm, force) => call('vm_restart', { vm, force }),
  vmDelete: (vm) => call('vm_delete', { vm }),
  vmConsoleLog: consoleLog,
  vmConsoleKeys: (vm, text) => call('vm_console_keys', { vm, text }),

  snapshotList: () => call('snapshot_list'),
  snapshotCreate: (vm, name) => call('snapshot_create', { vm, name }),
  snapshotDelete: (snapshot) => call('snapshot_delete', { snapshot }),

  mount: (vm, request) => call('mount', { vm, request }),
  unmount: (vm, mountPath) => call('unmount', { vm, mountPath }),
  unmountByForce: (vm, mountPath) => call('unmount_by_force', { vm, mountPath }),
  mountList: () => call('mount_list'),
  mountRates,

  openingTake: () => call('opening_take'),
  server: {
    get: () => call('server_get'),
    set: (on) => call('server_set', { on }),
  },
  autostart: {
    get: () => call('autostart_get'),
    set: (on) => call('autostart_set', { on }),
  },

  clipboard,
  pickFiles: () => pick('pick_files'),
  pickFolders: () => pick('pick_folders'),
  pickImage: () => call('pick_image'),
  pickImport: () => call('pick_import'),
  pickWatch: () => call('pick_watch'),
  pickExport: (suggested) => call('pick_export', { suggested }),
};
