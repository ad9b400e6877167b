/** What the dialog for a new machine asks for, with its defaults and rules. */
import type { Firmware, NewVm } from '../../lib/api/types';
import {
  cpusRule,
  freeName,
  imageRule,
  labelRule,
  memoryRule,
  sizeOf,
  type Unit,
} from '../../lib/logic/rules';
import { base } from '../../lib/logic/paths';
import type { App } from '../../lib/state/app.svelte';
import { t } from '../../lib/text';

export class MachineForm {
  source = $state<'image' | 'snapshot'>('image');
  image = $state('');
  snapshotId = $state<string | null>(null);
  memory = $state('');
  unit = $state<Unit>('GiB');
  cpus = $state('');
  firmware = $state<Firmware>('bios');
  keep = $state(true);
  network = $state(true);
  agent = $state(true);
  start = $state(true);
  busy = $state(false);

  #app: App;
  /** `null` as long as nobody has typed one: then it follows the image. */
  #typedName = $state<string | null>(null);

  snapshot = $derived.by(
    () => this.#app.machines.snapshots.find(({ id }) => id === this.snapshotId) ?? null,
  );
  #taken = $derived.by(() => this.#app.machines.list.map(({ name }) => name));
  #suggestion = $derived.by(() => {
    const from = this.source === 'snapshot' ? this.snapshot?.vm_name : stem(this.image);
    return freeName(from || t.newMachine.suggestion, this.#taken);
  });
  // The machine's own event may come before the answer: then the name is taken by this very machine.
  nameError = $derived.by(() => (this.busy ? null : labelRule(this.name, this.#taken)));
  imageError = $derived(this.source === 'image' ? imageRule(this.image) : null);
  memoryError = $derived(memoryRule(this.memory, this.unit));
  cpusError = $derived(cpusRule(this.cpus));
  ready = $derived.by(
    () =>
      [this.nameError, this.imageError, this.memoryError, this.cpusError].every(
        (e) => e === null,
      ) &&
      (this.source === 'image' || this.snapshot !== null),
  );

  constructor(app: App, snapshotId: string | null) {
    this.#app = app;
    this.memory = app.settings.memory.typed;
    this.unit = app.settings.memory.unit;
    this.cpus = app.settings.cpus;
    this.snapshotId = snapshotId ?? app.machines.snapshots[0]?.id ?? null;
    if (snapshotId !== null) this.source = 'snapshot';
  }

  get name(): string {
    return this.#typedName ?? this.#suggestion;
  }

  set name(typed: string) {
    this.#typedName = typed;
  }

  async choose(): Promise<void> {
    const { backend, attempt } = this.#app;
    await attempt(async () => {
      this.image = (await backend.pickImage?.()) ?? this.image;
    });
  }

  #wanted(): NewVm {
    const fromSnapshot = this.source === 'snapshot';
    return {
      name: this.name,
      image: fromSnapshot ? null : this.image.trim(),
      snapshot_id: fromSnapshot ? this.snapshotId : null,
      kernel: null,
      initrd: null,
      append: null,
      memory_mb: Math.round((sizeOf(this.memory, this.unit) ?? 0) / 2 ** 20),
      vcpu_count: Number(this.cpus),
      // A snapshot knows what boots it, and whether its guest has an agent.
      firmware: fromSnapshot ? null : this.firmware,
      session_disk: this.keep ? 'keep' : 'discard',
      disk_bytes: null,
      network: this.network ? 'user' : 'none',
      forwards: [],
      volumes: [],
      agent: fromSnapshot ? null : this.agent,
      start: false,
    };
  }

  /** Creates it, and begins to start it; how that goes on is seen in its card. */
  async submit(): Promise<void> {
    const { machines, view, toasts, attempt } = this.#app;
    const vm = await machines.create(this.#wanted());
    view.close();
    if (this.start) void attempt(() => machines.start(vm.id));
    else toasts.show('success', t.newMachine.done(vm.name));
  }
}

/** `debian-12` of `/images/debian-12.qcow2`. */
function stem(path: string): string {
  const name = base(path.trim());
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
