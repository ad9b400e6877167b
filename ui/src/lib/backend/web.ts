/**
 * A plain browser as a host: REST by `fetch`, events by `EventSource`, files by `PUT`.
 *
 * The key comes from `?key=` (which is then taken out of the address) or is asked for; it is kept
 * for this tab only. It knows no component and no store.
 */
import type { Deletion, Event, FilesDeleted, Mount, MountRate, Transfer } from '../api/types';
import type { Backend, Listeners } from './backend';
import { everyFile, PAGE } from './pages';
import { Http } from './web/http';
import {
  listenForDrops,
  listenForPastes,
  pickFile,
  pickIncoming,
  readClipboard,
} from './web/incoming';
import { Lines } from './web/lines';
import { Uploads } from './web/uploads';

const KEY = 'cairn-key';
/** What is shown of a console's past, in bytes. */
const CONSOLE_TAIL = 128 << 10;

function keyFromAddress(): string | null {
  const address = new URL(window.location.href);
  const key = address.searchParams.get('key');
  if (key === null) return sessionStorage.getItem(KEY);
  sessionStorage.setItem(KEY, key);
  address.searchParams.delete('key');
  history.replaceState(null, '', address);
  return key;
}

/** Opens the event stream; the browser reconnects by itself and says so. */
function listenForEvents(http: Http, listeners: Listeners): void {
  const source = new EventSource(http.address('/v1/events', {}, true));
  const types: Event['type'][] = [
    'volume-changed',
    'volume-deleted',
    'trash-changed',
    'files-changed',
    'checkpoints-changed',
    'watches-changed',
    'vm-changed',
    'vm-deleted',
    'snapshots-changed',
    'mount-changed',
    'transfer-changed',
    'notice',
  ];
  for (const type of types) {
    source.addEventListener(type, (message: MessageEvent<string>) =>
      listeners.event(JSON.parse(message.data) as Event),
    );
  }
  source.addEventListener('open', () => listeners.link('open'));
  source.addEventListener('error', () => listeners.link('lost'));
}

/** Lets the browser save one file; it asks the person where by its own settings. */
function saveFile(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

/** The first `limit` bytes of a stream; what comes after them is not waited for. */
async function firstBytes(
  limit: number,
  read: (take: (bytes: Uint8Array) => void, signal: AbortSignal) => Promise<void>,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let have = 0;
  const enough = new AbortController();
  await read((piece) => {
    const wanted = piece.subarray(0, limit - have);
    pieces.push(wanted);
    have += wanted.length;
    if (have >= limit) enough.abort();
  }, enough.signal);
  const bytes = new Uint8Array(have);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

type Part<K extends keyof Backend> = Pick<Backend, K>;

const volumes = (
  http: Http,
): Part<
  'volumeList' | 'volumeGet' | 'volumeCreate' | 'volumeUpdate' | 'volumeClone' | 'volumeDelete'
> => ({
  volumeList: () => http.get('/v1/volumes'),
  volumeGet: (volume) => http.get(at(volume)),
  volumeCreate: (created) => http.post('/v1/volumes', created),
  volumeUpdate: (volume, change) => http.send('PATCH', at(volume), change),
  volumeClone: (volume, name) => http.post(at(volume, 'clone'), { name }),
  volumeDelete: (volume) => http.delete(at(volume)),
});

const watches = (http: Http): Part<'watchList' | 'watchAdd' | 'watchRm'> => ({
  watchList: (volume) => http.get(at(volume, 'watches')),
  watchAdd: (volume, added) => http.post(at(volume, 'watches'), added),
  watchRm: (volume, watch) => http.delete(at(volume, 'watches', watch)),
});

const trash = (
  http: Http,
): Part<
  | 'volumeUndelete'
  | 'trashList'
  | 'trashRemove'
  | 'trashEmpty'
  | 'trashKeep'
  | 'volumeExport'
  | 'filesFetch'
> => ({
  volumeUndelete: (volume, name) => http.post(`/v1/trash/${part(volume)}/undelete`, { name }),
  trashList: () => http.get('/v1/trash'),
  trashRemove: (volume) => http.delete(`/v1/trash/${part(volume)}`),
  trashEmpty: () => http.delete('/v1/trash'),
  trashKeep: (days) => http.send('PATCH', '/v1/trash', { keep_days: days }),
  filesFetch: (volume, request) => http.post(at(volume, 'transfers', 'fetch'), request),
  volumeExport: (volume, request) => http.post(at(volume, 'transfers', 'export'), request),
});

const space = (
  http: Http,
): Part<
  | 'volumeUsage'
  | 'volumeChain'
  | 'volumeOptimiserSet'
  | 'volumeOptimise'
  | 'policyGet'
  | 'policySet'
> => ({
  volumeUsage: (volume) => http.get(at(volume, 'usage')),
  volumeChain: (volume) => http.get(at(volume, 'chain')),
  volumeOptimiserSet: (volume, on) => http.send('PATCH', at(volume, 'chain'), { optimise: on }),
  volumeOptimise: (volume) => http.post(at(volume, 'optimise'), {}),
  policyGet: (volume) => http.get(at(volume, 'policy')),
  policySet: (volume, change) => http.send('PATCH', at(volume, 'policy'), change),
});

const files = (
  http: Http,
): Part<
  | 'fileList'
  | 'fileStat'
  | 'fileRead'
  | 'fileHistory'
  | 'filesDelete'
  | 'fileMkdir'
  | 'fileRename'
  | 'download'
> => ({
  fileList: (volume, { prefix, at: checkpoint }) =>
    everyFile((cursor) =>
      http.get(at(volume, 'files'), {
        prefix,
        recursive: 'false',
        limit: String(PAGE),
        cursor: cursor ?? '',
        at: checkpoint,
      }),
    ),
  fileStat: (volume, path, checkpoint) =>
    http.get(at(volume, 'files', 'stat'), { path, at: checkpoint }),
  fileRead: async (volume, path, checkpoint, limit) => {
    const address = at(volume, 'files', 'content');
    return firstBytes(limit, (take, signal) =>
      http.stream(address, { path, at: checkpoint }, take, signal),
    );
  },
  fileHistory: (volume, path) => http.get(at(volume, 'files', 'history'), { path }),
  filesDelete: async (volume, paths, recursive) => {
    const request = { paths, recursive, undoable: true };
    const deleted = await http.post<FilesDeleted>(at(volume, 'files', 'delete'), request);
    return deleted.checkpoint_id ?? '';
  },
  fileMkdir: (volume, path) => http.post(at(volume, 'files', 'mkdir'), { path }),
  fileRename: (volume, from, to) => http.post(at(volume, 'files', 'rename'), { from, to }),
  download: async (volume, entries, checkpoint) => {
    const [first] = entries;
    if (first === undefined) return false;
    const alone = entries.length === 1;
    if (alone && first.kind === 'file') {
      const query = { path: first.path, at: checkpoint };
      saveFile(http.address(at(volume.id, 'files', 'content'), query, true), first.name);
    } else {
      // A browser saves one file at a time, and no folders: it gets them packed.
      const query = { path: entries.map(({ path }) => path), at: checkpoint };
      const name = `${alone ? first.name : volume.name}.tar`;
      saveFile(http.address(at(volume.id, 'files', 'archive'), query, true), name);
    }
    return true;
  },
});

const checkpoints = (
  http: Http,
): Part<
  | 'checkpointList'
  | 'checkpointCreate'
  | 'checkpointCreateGroup'
  | 'checkpointDiff'
  | 'checkpointRestore'
  | 'checkpointRestoreFiles'
  | 'checkpointBranch'
  | 'checkpointDeletePlan'
  | 'checkpointDelete'
  | 'checkpointPruneWholePlan'
  | 'checkpointPrune'
> => ({
  checkpointList: (volume) => http.get(at(volume, 'checkpoints')),
  checkpointCreate: (volume, name) => http.post(at(volume, 'checkpoints'), { name }),
  checkpointCreateGroup: (group) => http.post('/v1/checkpoints', group),
  checkpointDiff: (volume, checkpoint, to, limit) =>
    http.get(at(volume, 'checkpoints', checkpoint, 'diff'), { to, limit: String(limit) }),
  checkpointRestore: (volume, checkpoint) =>
    http.post(at(volume, 'checkpoints', checkpoint, 'restore'), {}),
  checkpointRestoreFiles: (volume, checkpoint, request) =>
    http.post(at(volume, 'checkpoints', checkpoint, 'restore-files'), request),
  checkpointBranch: (volume, checkpoint, name) =>
    http.post(at(volume, 'checkpoints', checkpoint, 'branch'), { name }),
  checkpointDeletePlan: (volume, checkpoint) =>
    http.get(at(volume, 'checkpoints', checkpoint, 'delete-plan')),
  checkpointDelete: async (volume, checkpoint) => {
    const address = at(volume, 'checkpoints', checkpoint);
    return (await http.send<{ deletion: Deletion }>('DELETE', address)).deletion;
  },
  checkpointPruneWholePlan: (volume) => http.get(at(volume, 'prune-plan')),
  checkpointPrune: (volume) => http.post(at(volume, 'prune'), {}),
});

/** The address of what is mounted there; `null` when nothing is. */
async function mounted(http: Http, vm: string, mountPath: string): Promise<string | null> {
  const mounts = await http.get<Mount[]>('/v1/mounts');
  const found = mounts.find((m) => m.vm_id === vm && m.mount_path === mountPath);
  return found ? `/v1/vms/${part(vm)}/volumes/${part(found.volume_id)}` : null;
}

const machines = (
  http: Http,
): Part<
  | 'vmList'
  | 'vmDemo'
  | 'vmDiscover'
  | 'vmAttach'
  | 'vmDetach'
  | 'vmDoctor'
  | 'vmCreate'
  | 'vmStart'
  | 'vmStop'
  | 'vmRestart'
  | 'vmDelete'
  | 'vmConsoleLog'
  | 'vmConsoleKeys'
  | 'snapshotList'
  | 'snapshotCreate'
  | 'snapshotDelete'
  | 'mount'
  | 'unmount'
  | 'unmountByForce'
  | 'mountList'
  | 'mountRates'
> => ({
  // With the slash: all machines; without it only those that run.
  vmList: () => http.get('/v1/vms/'),
  vmDemo: (name) => http.post('/v1/vms/demo', name === null ? {} : { name }),
  vmDiscover: () => http.get('/v1/discover'),
  vmAttach: (attached) => http.post('/v1/vms/attach', attached),
  vmDetach: (vm) => http.post(`/v1/vms/${part(vm)}/detach`, {}),
  vmDoctor: (vm) => http.get(`/v1/vms/${part(vm)}/doctor`),
  vmCreate: (created) => http.post('/v1/vms', { ...created, start: false }),
  vmStart: (vm) => http.post(`/v1/vms/${part(vm)}/start`, {}),
  vmStop: (vm, force) => http.post(`/v1/vms/${part(vm)}/stop`, { force }),
  vmRestart: (vm, force) => http.post(`/v1/vms/${part(vm)}/restart`, { force }),
  vmDelete: (vm) => http.delete(`/v1/vms/${part(vm)}?stop=false`),
  vmConsoleLog: (vm, print, signal) => {
    const recent = { follow: 'true', tail: String(CONSOLE_TAIL) };
    return http.stream(`/v1/vms/${part(vm)}/console`, recent, print, signal);
  },
  vmConsoleKeys: (vm, text) => http.sendText(`/v1/vms/${part(vm)}/console`, text),
  snapshotList: () => http.get('/v1/snapshots'),
  snapshotCreate: (vm, name) => http.post(`/v1/vms/${part(vm)}/snapshot`, { name }),
  snapshotDelete: (snapshot) => http.delete(`/v1/snapshots/${part(snapshot)}`),
  mount: (vm, request) => http.post(`/v1/vms/${part(vm)}/volumes`, request),
  unmount: async (vm, mountPath) => {
    const address = await mounted(http, vm, mountPath);
    if (address !== null) await http.delete(address, { mount_path: mountPath });
  },
  unmountByForce: async (vm, mountPath) => {
    const address = await mounted(http, vm, mountPath);
    if (address === null) return { warning: null };
    const query = { mount_path: mountPath, force: 'true' };
    return http.send('DELETE', address, undefined, query);
  },
  mountList: () => http.get('/v1/mounts'),
  mountRates: (tell, signal) => {
    const lines = new Lines((line) => tell(JSON.parse(line) as MountRate[]));
    return http.stream('/v1/mounts/rates', {}, (bytes) => lines.feed(bytes), signal);
  },
});

/** Uploads run here, downloads to the host's folders in the engine: both are transfers. */
function transfers(
  http: Http,
  uploads: Uploads,
): Part<
  | 'upload'
  | 'filesUnpack'
  | 'volumeImport'
  | 'transferList'
  | 'transferPause'
  | 'transferResume'
  | 'transferRetry'
  | 'transferCancel'
  | 'transferClear'
> {
  const ask = async (id: string, what: string) => {
    await http.post(`/v1/transfers/${part(id)}/${what}`, {});
  };
  return {
    upload: async (volume, incoming, destination, conflict) => {
      if (incoming.kind !== 'files') throw new TypeError('A browser hands over files.');
      uploads.start(volume.id, incoming, destination, conflict);
    },
    filesUnpack: async (volume, incoming, destination, conflict) => {
      const [only] = incoming.kind === 'files' ? incoming.files : [];
      if (only === undefined) throw new TypeError('A browser hands over files.');
      const query = { file: only.file.name, path: destination, conflict };
      uploads.sendTo(
        http.address(at(volume.id, 'transfers', 'unpack'), query),
        only.file,
        volume.id,
      );
    },
    volumeImport: async ({ name, partition, ...request }, sent) => {
      if (sent === null) {
        await http.post('/v1/transfers/import', { name, partition, ...request });
        return;
      }
      const query = { file: sent.name, name, partition: partition?.toString() ?? null };
      uploads.sendTo(http.address('/v1/transfers/import', query), sent, '');
    },
    transferList: async () => [...uploads.list(), ...(await http.get<Transfer[]>('/v1/transfers'))],
    transferPause: (id) => ask(id, 'pause'),
    transferResume: (id) => ask(id, 'resume'),
    transferRetry: async (id) => {
      if (!uploads.retry(id)) await ask(id, 'retry');
    },
    transferCancel: async (id) => {
      if (!uploads.cancel(id)) await http.delete(`/v1/transfers/${part(id)}`);
    },
    transferClear: async () => {
      uploads.clear();
      await http.delete('/v1/transfers');
    },
  };
}

const part = encodeURIComponent;
const at = (volume: string, ...parts: string[]) =>
  ['/v1/volumes', part(volume), ...parts.map(part)].join('/');

/** The browser's host. */
export function openWeb(): Backend {
  const http = new Http(keyFromAddress());
  const uploads = new Uploads(http);
  return {
    host: 'browser',
    needsKey: () => http.key === null,
    useKey: (key) => {
      sessionStorage.setItem(KEY, key);
      http.key = key;
    },
    connect: async (listeners) => {
      uploads.report = listeners.transfer;
      uploads.gone = listeners.transferGone;
      listenForEvents(http, listeners);
      listenForDrops(window, listeners.drop);
      listenForPastes(window, listeners.paste);
    },
    about: () => http.get('/v1/about'),
    doctor: () => http.get('/v1/doctor'),
    logRead: (level, text, limit) => http.get('/v1/log', { level, text, limit: String(limit) }),
    openingTake: null,
    server: {
      get: () => Promise.resolve({ url: window.location.origin, key: http.key }),
      set: null,
    },
    autostart: null,
    clipboard: readClipboard,
    pickFiles: () => pickIncoming('files'),
    pickFolders: () => pickIncoming('folders'),
    pickImage: null,
    pickImport: pickFile,
    pickWatch: null,
    pickExport: null,
    ...volumes(http),
    ...trash(http),
    ...watches(http),
    ...space(http),
    ...files(http),
    ...transfers(http, uploads),
    ...checkpoints(http),
    ...machines(http),
  };
}
