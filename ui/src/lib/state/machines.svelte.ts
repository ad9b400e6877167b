/** The machines and what is mounted in them. */
import type { AttachVm, Mount, MountRequest, NewVm, Snapshot, Vm } from '../api/types';
import type { Backend } from '../backend/backend';
import { asBackendError, type BackendError } from '../backend/errors';
import { coalesce } from '../logic/coalesce';
import { compareNames } from '../logic/sorting';

export class Machines {
  list = $state.raw<Vm[]>([]);
  loaded = $state(false);
  error = $state.raw<BackendError | null>(null);
  /** Machines that were asked to start here, and when (milliseconds): their cards count. */
  starting = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** When the demo machine was asked for, while it has no card yet. */
  demoSince = $state<number | null>(null);

  /** Newest first. */
  snapshots = $state.raw<Snapshot[]>([]);

  running = $derived(this.list.filter(({ status }) => status === 'active'));

  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  find = (id: string | null): Vm | null => this.list.find((vm) => vm.id === id) ?? null;

  async load(): Promise<void> {
    try {
      const [list, snapshots] = await Promise.all([
        this.#backend.vmList(),
        this.#backend.snapshotList(),
      ]);
      this.snapshots = snapshots.sort((a, b) => b.created_at.localeCompare(a.created_at));
      this.list = list.sort((a, b) => compareNames(a.name, b.name));
      this.error = null;
      this.loaded = true;
    } catch (thrown) {
      this.error = asBackendError(thrown);
    }
  }

  refresh = coalesce(() => this.load());

  #put(vm: Vm): void {
    const list = [...this.list.filter(({ id }) => id !== vm.id), vm];
    this.list = list.sort((a, b) => compareNames(a.name, b.name));
  }

  /** Starts the demo machine, and makes it first when it is not there. */
  async demo(): Promise<Vm> {
    this.demoSince = Date.now();
    try {
      const vm = await this.#backend.vmDemo(null);
      this.#put(vm);
      return vm;
    } finally {
      this.demoSince = null;
      this.refresh();
    }
  }

  async create(created: NewVm): Promise<Vm> {
    const vm = await this.#backend.vmCreate(created);
    this.#put(vm);
    return vm;
  }

  /** Makes a machine known that somebody else starts. */
  async attach(attached: AttachVm): Promise<Vm> {
    const vm = await this.#backend.vmAttach(attached);
    this.#put(vm);
    return vm;
  }

  /** Forgets it; it goes on running. */
  async detach(id: string): Promise<void> {
    await this.#backend.vmDetach(id);
    this.list = this.list.filter((vm) => vm.id !== id);
  }

  start = (id: string): Promise<void> => this.#startBy(id, this.#backend.vmStart(id));

  restart = (id: string): Promise<void> => this.#startBy(id, this.#backend.vmRestart(id, false));

  async #startBy(id: string, started: Promise<Vm>): Promise<void> {
    this.starting = new Map([...this.starting, [id, Date.now()]]);
    try {
      this.#put(await started);
    } finally {
      this.starting = new Map([...this.starting].filter(([other]) => other !== id));
      this.refresh();
    }
  }

  async stop(id: string, force: boolean): Promise<void> {
    try {
      this.#put(await this.#backend.vmStop(id, force));
    } finally {
      this.refresh();
    }
  }

  async delete(id: string): Promise<void> {
    await this.#backend.vmDelete(id);
    this.list = this.list.filter((vm) => vm.id !== id);
  }

  async takeSnapshot(vm: string, name: string | null): Promise<Snapshot> {
    const snapshot = await this.#backend.snapshotCreate(vm, name);
    this.refresh();
    return snapshot;
  }

  async deleteSnapshot(id: string): Promise<void> {
    await this.#backend.snapshotDelete(id);
    this.snapshots = this.snapshots.filter((snapshot) => snapshot.id !== id);
  }

  async mount(vm: string, request: MountRequest): Promise<Mount> {
    try {
      return await this.#backend.mount(vm, request);
    } finally {
      this.refresh();
    }
  }

  /** Takes a volume away whoever uses it; answers with what that has cost. */
  async unmountByForce(vm: string, mountPath: string): Promise<string | null> {
    try {
      return (await this.#backend.unmountByForce(vm, mountPath)).warning;
    } finally {
      this.refresh();
    }
  }

  async unmount(vm: string, mountPath: string): Promise<void> {
    try {
      await this.#backend.unmount(vm, mountPath);
    } finally {
      this.refresh();
    }
  }
}
