/**
 * Everything that the window knows, in one place: the stores, fed by the engine's events, and the
 * connection. Components get it with `useApp()`.
 */
import { getContext, setContext } from 'svelte';
import type { Event, Volume } from '../api/types';
import type { Backend, Incoming, LinkState } from '../backend/backend';
import type { BackendError } from '../backend/errors';
import { t, told } from '../text';
import { Answers } from './answers.svelte';
import { Checkpoints } from './checkpoints.svelte';
import { Compare } from './compare.svelte';
import { Drops } from './drop.svelte';
import { Files } from './files.svelte';
import { Machines } from './machines.svelte';
import { Settings } from './settings.svelte';
import { ThemeChoice } from './theme.svelte';
import { Toasts } from './toasts.svelte';
import { Trash } from './trash.svelte';
import { Traffic } from './traffic.svelte';
import { Transfers } from './transfers.svelte';
import { VolumeDrag } from './volume-drag.svelte';
import { View } from './view.svelte';
import { Volumes } from './volumes.svelte';

export type Phase = 'connecting' | 'needs-key' | 'ready' | 'failed';

export class App {
  readonly backend: Backend;
  readonly toasts = new Toasts();
  readonly theme = new ThemeChoice();
  readonly settings = new Settings();
  readonly view = new View();
  readonly answers = new Answers();
  readonly compare = new Compare();
  readonly volumes: Volumes;
  readonly files: Files;
  readonly checkpoints: Checkpoints;
  readonly machines: Machines;
  readonly transfers: Transfers;
  readonly traffic: Traffic;
  readonly trash: Trash;
  readonly drops: Drops;
  readonly volumeDrag = new VolumeDrag((volume, vmId) => this.dropOnMachine(volume, vmId));
  /** What the window is asked to show from outside; the actions do it. */
  showOpening: () => void = () => undefined;
  /** What a volume that is dropped on a machine leads to; the actions say. */
  dropOnMachine: (volume: Volume, vmId: string) => void = () => undefined;

  phase = $state<Phase>('connecting');
  failure = $state.raw<BackendError | null>(null);
  link = $state<LinkState>('open');
  #connected = false;

  constructor(backend: Backend) {
    this.backend = backend;
    this.volumes = new Volumes(backend);
    this.files = new Files(backend);
    this.checkpoints = new Checkpoints(backend, (volumeId, list) =>
      this.compare.keepExisting(volumeId, list),
    );
    this.machines = new Machines(backend);
    this.transfers = new Transfers(backend);
    this.traffic = new Traffic(backend);
    this.trash = new Trash(backend);
    const { volumes, files, view } = this;
    this.drops = new Drops({ backend, volumes, files, view, attempt: this.attempt });
  }

  /** Connects and reads what there is. */
  async start(): Promise<void> {
    this.phase = 'connecting';
    this.failure = null;
    if (this.backend.needsKey()) {
      this.phase = 'needs-key';
      return;
    }
    await this.volumes.load();
    if (this.volumes.error !== null) {
      this.failure = this.volumes.error;
      this.phase = this.failure.code === 'unauthorized' ? 'needs-key' : 'failed';
      return;
    }
    this.phase = 'ready';
    await this.attempt(async () => {
      await this.#connect();
      // The volumes once more: what changed before the events flowed was not told.
      await Promise.all([this.volumes.load(), this.machines.load(), this.transfers.load()]);
      this.showOpening();
    });
  }

  async #connect(): Promise<void> {
    if (this.#connected) return;
    this.#connected = true;
    await this.backend.connect({
      event: (event) => this.#event(event),
      menu: ({ id }) => this.menu(id),
      drop: (event) => this.drops.handle(event),
      paste: (incoming) => void this.paste(() => Promise.resolve(incoming)),
      link: (state) => this.#linked(state),
      transfer: (transfer) => this.transfers.put(transfer),
      transferGone: (id) => this.transfers.gone(id),
    });
  }

  useKey(key: string): Promise<void> {
    this.backend.useKey(key);
    return this.start();
  }

  /** Does something that may fail; a failure is shown. Answers whether it went well. */
  attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (thrown) {
      this.toasts.failure(thrown);
      return false;
    }
  };

  /** Looks at a volume: its top folder, in the present. */
  select(id: string): void {
    this.volumes.select(id);
    this.open(id);
  }

  /** Lets files and timeline follow the volume that is selected. */
  open(id: string | null): void {
    this.files.open(id);
    this.checkpoints.open(id);
    this.compare.reset(id);
  }

  /** Reads everything again. */
  async refresh(): Promise<void> {
    await this.volumes.load();
    this.files.refresh();
    this.checkpoints.refresh();
    this.machines.refresh();
    this.answers.refresh();
    await this.attempt(() => this.transfers.load());
  }

  /** A menu item of the shell. */
  menu(id: string): void {
    const about = () => (this.view.dialog = { kind: 'about' });
    const items: Record<string, () => unknown> = {
      opening: () => this.showOpening(),
      undo: () => this.toasts.actOnNewest(),
      trash: () => (this.view.dialog = { kind: 'trash' }),
      'import-volume': () => (this.view.dialog = { kind: 'import', source: null }),
      'new-volume': () => (this.view.dialog = { kind: 'new-volume', incoming: null }),
      import: () => this.upload('files'),
      paste: () => this.paste(() => this.backend.clipboard()),
      refresh: () => this.refresh(),
      theme: () => this.theme.next(),
      checkpoint: () => this.#checkpoint(),
      palette: () => (this.view.dialog = { kind: 'palette' }),
      settings: () => (this.view.dialog = { kind: 'settings' }),
      shortcuts: () => (this.view.dialog = { kind: 'shortcuts' }),
      log: () => (this.view.dialog = { kind: 'log' }),
      tour: () => (this.view.dialog = { kind: 'tour' }),
      about,
      licences: about,
      documentation: about,
    };
    items[id]?.();
  }

  /** A checkpoint of the volume that is looked at, named by its time. */
  #checkpoint(): Promise<boolean> {
    return this.attempt(async () => {
      const volume = this.volumes.selected;
      if (volume === null) return;
      const { name } = await this.checkpoints.create(volume, null);
      this.toasts.show('success', t.timeline.created(name));
    });
  }

  /** Lets a person choose what to copy into the folder that is looked at. */
  upload(what: 'files' | 'folders'): Promise<boolean> {
    return this.attempt(async () => {
      const volume = this.volumes.selected;
      if (volume === null) return;
      const { backend, files } = this;
      const incoming = await (what === 'files' ? backend.pickFiles() : backend.pickFolders());
      if (incoming !== null) await this.drops.copy(incoming, { volume, path: files.path });
    });
  }

  /** Puts what the clipboard holds into the folder that is looked at. */
  paste(held: () => Promise<Incoming | null>): Promise<boolean> {
    return this.attempt(async () => {
      const volume = this.volumes.selected;
      if (volume === null || this.view.dialog !== null) return;
      const incoming = await held();
      if (incoming === null) {
        this.toasts.show('info', t.paste.nothing);
        return;
      }
      this.view.pane = 'files';
      await this.drops.paste(incoming, { volume, path: this.files.path });
    });
  }

  #linked(state: LinkState): void {
    const back = this.link === 'lost' && state === 'open';
    this.link = state;
    // Events were missed in between.
    if (back) void this.refresh();
  }

  #event(event: Event): void {
    if ('volume_id' in event) this.answers.changed(event.volume_id);
    switch (event.type) {
      case 'volume-changed':
        return this.volumes.changed(event.volume_id);
      case 'volume-deleted':
        return this.volumes.gone(event.volume_id);
      case 'trash-changed':
        return this.trash.changed();
      case 'files-changed':
        return this.files.changed(event.volume_id, event.path);
      case 'checkpoints-changed':
        this.volumes.changed(event.volume_id);
        return this.checkpoints.changed(event.volume_id);
      case 'mount-changed':
        this.volumes.changed(event.volume_id);
        // What a machine holds cannot be listed; when it lets go, the files may be others.
        this.files.changed(event.volume_id, '');
        return this.machines.refresh();
      case 'vm-changed':
      case 'vm-deleted':
      case 'snapshots-changed':
        return this.machines.refresh();
      case 'watches-changed':
        // Who looks at them has asked, and was told above.
        return;
      case 'transfer-changed':
        return this.transfers.put(event.transfer);
      case 'notice':
        return this.toasts.show(event.level, told(event.message));
    }
  }
}

const KEY = Symbol('app');

export const provideApp = (app: App): App => setContext(KEY, app);
export const useApp = (): App => getContext<App>(KEY);
