/**
 * The one interface through which the UI reaches the engine, whatever it runs in.
 *
 * The methods carry the names of the shell's commands (`volumeList` is `volume_list`). It knows no
 * component and no store; `tauri.ts` and `web.ts` are its two hosts.
 */
import type {
  About,
  AttachVm,
  Chain,
  Checkpoint,
  Conflict,
  Deletion,
  Diff,
  DoctorCheck,
  Event,
  ExportRequest,
  FetchRequest,
  FileEntry,
  FileVersion,
  FoundVm,
  ImportRequest,
  LogLevel,
  LogLine,
  Mount,
  MountRate,
  MountRequest,
  NewCheckpointGroup,
  NewVm,
  NewVolume,
  NewWatch,
  Policy,
  PolicyChange,
  Pruned,
  RestoreFilesRequest,
  Snapshot,
  Transfer,
  Trash,
  Unmounted,
  Vm,
  Volume,
  VolumeChange,
  VolumeUsage,
  Watch,
} from '../api/types';
import type { Folder } from '../logic/folder';

/** A file that a browser holds, with its path below what was dropped or picked. */
export interface BrowserFile {
  /** Path relative to the destination folder, with `/` between its parts. */
  path: string;
  /** The content. */
  file: File;
}

/** What a person picked or dropped, to be copied into a volume. */
export type Incoming =
  | {
      /** Paths on the host: the shell hands these to the engine, no byte passes through the UI. */
      kind: 'paths';
      /** What each path is to be called in the volume. */
      names: string[];
      paths: string[];
    }
  | {
      /** Files that the browser holds: the UI sends them. */
      kind: 'files';
      names: string[];
      files: BrowserFile[];
      /** Folders to be made, parents first; empty ones would be lost otherwise. */
      folders: string[];
    }
  | {
      /** Text or a picture in the clipboard of the desktop: the shell takes it from there. */
      kind: 'clipboard';
      /** What the one file is to be called. */
      names: string[];
      what: 'text' | 'image';
    };

/** Something is dragged over the window, or dropped on it. Positions are CSS pixels. */
export type DropEvent =
  | { type: 'over'; x: number; y: number; count: number }
  | { type: 'leave' }
  | { type: 'drop'; x: number; y: number; incoming: Promise<Incoming> };

/** What the host asks of the UI: a menu item that a person chose. */
export interface MenuEvent {
  id: string;
}

/** What the window is asked to show: a volume by its name or id, now or as it was. */
export interface Opening {
  volume: string;
  checkpoint: string | null;
}

/** Where other programs reach the engine, and with which key; `null` while they do not. */
export interface Served {
  url: string | null;
  key: string | null;
}

/** Where the event stream stands. */
export type LinkState = 'open' | 'lost';

/** What is listened to; every function may be called at any time after `connect`. */
export interface Listeners {
  event: (event: Event) => void;
  menu: (event: MenuEvent) => void;
  drop: (event: DropEvent) => void;
  /** Something was pasted that is no text for a field; a browser tells what. */
  paste: (incoming: Incoming | null) => void;
  /** `open` after a gap as well: what was missed has to be read again. */
  link: (state: LinkState) => void;
  /** A transfer that the UI itself carries out changed (a browser's uploads). */
  transfer: (transfer: Transfer) => void;
  /** One of these has led to a transfer of the engine's, which is told from now on. */
  transferGone: (id: string) => void;
}

export interface Backend {
  /** Where the UI runs. */
  readonly host: 'desktop' | 'browser';
  /** Whether there is a key to talk with; a desktop needs none. */
  needsKey(): boolean;
  /** Takes over a key that a person typed. */
  useKey(key: string): void;
  /** Starts listening, for as long as the window lives. */
  connect(listeners: Listeners): Promise<void>;

  about(): Promise<About>;
  doctor(): Promise<DoctorCheck[]>;
  /** The newest lines of the log that are so serious, and have `text` in them, oldest first. */
  logRead(level: LogLevel, text: string | null, limit: number): Promise<LogLine[]>;

  volumeList(): Promise<Volume[]>;
  volumeGet(volume: string): Promise<Volume>;
  volumeCreate(created: NewVolume): Promise<Volume>;
  volumeUpdate(volume: string, change: VolumeChange): Promise<Volume>;
  /** A new volume that begins with what this one holds now. */
  volumeClone(volume: string, name: string): Promise<Volume>;
  /** To the trash. */
  volumeDelete(volume: string): Promise<void>;
  /** Brings a deleted volume back; under another name when `name` says so. */
  volumeUndelete(volume: string, name: string | null): Promise<Volume>;
  trashList(): Promise<Trash>;
  /** Removes one deleted volume for good. */
  trashRemove(volume: string): Promise<void>;
  /** Removes all of them for good. */
  trashEmpty(): Promise<void>;
  /** Deleted volumes stay for so many days. */
  trashKeep(days: number): Promise<Trash>;
  /**
   * A new volume of a disk image or an archive on the computer that the engine runs on; or of `sent`, a file that a
   * browser holds. Answers when it is begun.
   */
  volumeImport(request: ImportRequest, sent: File | null): Promise<void>;
  /** What a volume holds as one file on that computer. */
  volumeExport(volume: string, request: ExportRequest): Promise<Transfer>;
  /** What it takes up on this computer's disk, and for what. */
  volumeUsage(volume: string): Promise<VolumeUsage>;
  /** Through how many files its present is read. */
  volumeChain(volume: string): Promise<Chain>;
  /** Whether the optimiser keeps them few. */
  volumeOptimiserSet(volume: string, on: boolean): Promise<Chain>;
  /** Makes them few now; answers when that is done. */
  volumeOptimise(volume: string): Promise<Chain>;

  policyGet(volume: string): Promise<Policy>;
  /** Changes what is not `null`. */
  policySet(volume: string, change: PolicyChange): Promise<Policy>;

  /** The folders of the host that are kept in step into the volume. */
  watchList(volume: string): Promise<Watch[]>;
  watchAdd(volume: string, added: NewWatch): Promise<Watch>;
  /** Keeps it in step no longer; what has been copied stays. */
  watchRm(volume: string, watch: string): Promise<void>;

  /** What the folder `prefix` has; it ends with a slash, or is empty for the root. */
  fileList(volume: string, list: { prefix: string; at: string | null }): Promise<Folder>;
  fileStat(volume: string, path: string, at: string | null): Promise<FileEntry>;
  /** The first bytes of a file, at most `limit` of them: what is needed to look at it. */
  fileRead(volume: string, path: string, at: string | null, limit: number): Promise<Uint8Array>;
  /** The versions of what is, or was, at `path`, oldest first. */
  fileHistory(volume: string, path: string): Promise<FileVersion[]>;
  /** All of them at once, or none. Answers with the checkpoint from which they can be brought back. */
  filesDelete(volume: string, paths: string[], recursive: boolean): Promise<string>;
  fileMkdir(volume: string, path: string): Promise<FileEntry>;
  fileRename(volume: string, from: string, to: string): Promise<FileEntry>;

  /** Copies into the folder `destination` (empty for the root). */
  upload(
    volume: Volume,
    incoming: Incoming,
    destination: string,
    conflict: Conflict,
  ): Promise<void>;
  /** Unpacks the only thing of `incoming`, an archive, into the folder `destination` (empty for the root). */
  filesUnpack(
    volume: Volume,
    incoming: Incoming,
    destination: string,
    conflict: Conflict,
  ): Promise<void>;
  /** Copies a file of the web into the volume. */
  filesFetch(volume: string, request: FetchRequest): Promise<Transfer>;
  /** Copies out of the volume; `false` when the person thought better of it. */
  download(volume: Volume, entries: FileEntry[], at: string | null): Promise<boolean>;
  transferList(): Promise<Transfer[]>;
  /** Lets it rest; it does a moment later. */
  transferPause(id: string): Promise<void>;
  /** Lets a paused one go on, or takes up one that was interrupted. */
  transferResume(id: string): Promise<void>;
  /** Begins one again that has ended without being done. */
  transferRetry(id: string): Promise<void>;
  transferCancel(id: string): Promise<void>;
  transferClear(): Promise<void>;

  checkpointList(volume: string): Promise<Checkpoint[]>;
  checkpointCreate(volume: string, name: string | null): Promise<Checkpoint>;
  /** Of several volumes at one moment: all of them, or none. */
  checkpointCreateGroup(group: NewCheckpointGroup): Promise<Checkpoint[]>;
  /** What differs from `checkpoint` to the checkpoint `to`, or to the present. */
  checkpointDiff(
    volume: string,
    checkpoint: string,
    to: string | null,
    limit: number,
  ): Promise<Diff>;
  checkpointRestore(volume: string, checkpoint: string): Promise<Volume>;
  /** Copies what `request` names out of a checkpoint into the present. */
  checkpointRestoreFiles(
    volume: string,
    checkpoint: string,
    request: RestoreFilesRequest,
  ): Promise<Transfer>;
  /** A new volume that begins with what a checkpoint holds. */
  checkpointBranch(volume: string, checkpoint: string, name: string): Promise<Volume>;
  /** What deleting it would take and give. */
  checkpointDeletePlan(volume: string, checkpoint: string): Promise<Deletion>;
  /** Answers what was done. */
  checkpointDelete(volume: string, checkpoint: string): Promise<Deletion>;
  /** What a pruning would delete, take and give. */
  checkpointPruneWholePlan(volume: string): Promise<Deletion>;
  /** Deletes the automatic checkpoints that the policy does not keep. */
  checkpointPrune(volume: string): Promise<Pruned[]>;

  vmList(): Promise<Vm[]>;
  /** Starts the demo machine, and makes it first when it is not there. */
  vmDemo(name: string | null): Promise<Vm>;
  /** The QEMUs that run on the engine's computer. */
  vmDiscover(): Promise<FoundVm[]>;
  /** Makes a machine known that somebody else starts. */
  vmAttach(attached: AttachVm): Promise<Vm>;
  /** Forgets it; it goes on running. */
  vmDetach(vm: string): Promise<void>;
  /** What works in a machine, and what to do about the rest. */
  vmDoctor(vm: string): Promise<DoctorCheck[]>;
  /** Only creates it: that it starts takes a second call. */
  vmCreate(created: NewVm): Promise<Vm>;
  vmStart(vm: string): Promise<Vm>;
  vmStop(vm: string, force: boolean): Promise<Vm>;
  vmRestart(vm: string, force: boolean): Promise<Vm>;
  vmDelete(vm: string): Promise<void>;
  /**
   * Hands over what the machine has printed on its console lately, and whatever it prints from now on. Ends when the
   * machine stops, or when `signal` says so.
   */
  vmConsoleLog(vm: string, print: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void>;
  /** Types on the machine's console. */
  vmConsoleKeys(vm: string, text: string): Promise<void>;

  snapshotList(): Promise<Snapshot[]>;
  /** Of a machine's own disk, running or kept; `null` for a name made of the machine's and the time. */
  snapshotCreate(vm: string, name: string | null): Promise<Snapshot>;
  snapshotDelete(snapshot: string): Promise<void>;

  mount(vm: string, request: MountRequest): Promise<Mount>;
  unmount(vm: string, mountPath: string): Promise<void>;
  /** Takes it away whoever uses it; tells what that has cost. */
  unmountByForce(vm: string, mountPath: string): Promise<Unmounted>;
  mountList(): Promise<Mount[]>;
  /** Hands over every second what goes through each mount, until `signal` says to stop. */
  mountRates(tell: (rates: MountRate[]) => void, signal: AbortSignal): Promise<void>;

  /** What the window is asked to show from outside: by a link, or by the tray. A browser is asked by nobody. */
  openingTake: (() => Promise<Opening | null>) | null;
  /** How other programs reach the engine, and whether they do; a browser, which is one of them, cannot change that. */
  server: { get: () => Promise<Served>; set: ((on: boolean) => Promise<void>) | null };
  /** Whether Cairn starts with the session; a browser cannot say. */
  autostart: { get: () => Promise<boolean>; set: (on: boolean) => Promise<void> } | null;

  /** What the clipboard holds, to become files; `null` when that is nothing of the kind. */
  clipboard(): Promise<Incoming | null>;
  /** Lets a person choose files; `null` when they thought better of it. */
  pickFiles(): Promise<Incoming | null>;
  /** Lets a person choose folders. */
  pickFolders(): Promise<Incoming | null>;
  /** Lets a person choose a machine's image on the computer that the engine runs on; a browser cannot see that. */
  pickImage: (() => Promise<string | null>) | null;
  /** The same for what can become a volume, an image or an archive; a browser answers with a file that it holds. */
  pickImport(): Promise<string | File | null>;
  /** Lets a person choose a folder of that computer that is to be kept in step. */
  pickWatch: (() => Promise<string | null>) | null;
  /** Lets a person choose a name for a file that is to be written there; that it is replaced was asked. */
  pickExport: ((suggested: string) => Promise<string | null>) | null;
}
