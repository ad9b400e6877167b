/** What the mount dialog asks for, with its defaults and rules. */
import type { Checkpoint, MountMode } from '../../lib/api/types';
import { freeName, mountPathRule } from '../../lib/logic/rules';
import type { App } from '../../lib/state/app.svelte';
import { lastWish, rememberWish } from '../../lib/state/volume-drag.svelte';
import { t } from '../../lib/text';

/** Where a first volume goes. */
const FIRST_PATH = '/data';

export interface MountWish {
  volumeId: string | null;
  vmId: string | null;
  checkpointId: string | null;
}

export class MountForm {
  volumeId = $state('');
  vmId = $state<string | null>(null);
  /** Empty for the present. */
  checkpointId = $state('');
  path = $state('');
  wanted = $state<MountMode | null>(null);
  busy = $state(false);

  #app: App;
  volume = $derived.by(() => this.#app.volumes.find(this.volumeId));
  vm = $derived.by(() => this.#app.machines.find(this.vmId));
  past = $derived(this.checkpointId !== '');
  /** A checkpoint is looked at, unless somebody says otherwise; the present is worked with. */
  mode = $derived<MountMode>(this.wanted ?? (this.past ? 'ro' : 'rw'));
  /** What the volume will be called that branches off a checkpoint to be written, as the engine calls it. */
  branchName = $derived.by(() => {
    const name = t.mount.branchName(this.volume?.name ?? '', this.checkpoint?.name ?? '');
    return freeName(name, this.#app.volumes.names);
  });
  pathError = $derived.by(() => {
    // While it is being mounted, the path is taken by this very mount.
    return this.busy ? null : mountPathRule(this.path, this.vm?.mounts ?? []);
  });
  /** Only the selected volume's checkpoints are known. */
  checkpoints = $derived.by<Checkpoint[]>(() =>
    this.#app.checkpoints.volumeId === this.volumeId
      ? [...this.#app.checkpoints.list].reverse()
      : [],
  );

  checkpoint = $derived.by(
    () => this.checkpoints.find(({ id }) => id === this.checkpointId) ?? null,
  );

  constructor(app: App, wish: MountWish) {
    this.#app = app;
    this.volumeId = wish.volumeId ?? app.volumes.selectedId ?? app.volumes.list[0]?.id ?? '';
    this.vmId = wish.vmId ?? app.machines.running[0]?.id ?? null;
    this.checkpointId = wish.checkpointId ?? '';
    const last = lastWish(this.volumeId);
    const taken = (this.vm?.mounts ?? []).some(({ mount_path }) => mount_path === last?.path);
    this.path = last === null || taken ? this.#freePath() : last.path;
  }

  #freePath(): string {
    const taken = (this.vm?.mounts ?? []).map(({ mount_path }) => mount_path);
    if (!taken.includes(FIRST_PATH)) return FIRST_PATH;
    for (let number = 2; ; number++) {
      if (!taken.includes(`${FIRST_PATH}${number}`)) return `${FIRST_PATH}${number}`;
    }
  }

  /** Mounts; starts the demo machine first when none runs. */
  async submit(): Promise<void> {
    const { volume } = this;
    if (volume === null) return;
    const { machines, view, toasts } = this.#app;
    this.vmId ??= (await machines.demo()).id;
    const made = await machines.mount(this.vmId, {
      volume_id: volume.id,
      mount_path: this.path,
      mode: this.mode,
      checkpoint_id: this.past ? this.checkpointId : null,
    });
    if (!this.past) rememberWish(volume.id, { path: this.path, mode: this.mode });
    view.close();
    toasts.show('success', t.mount.done(made.volume_name, this.vm?.name ?? '', this.path));
  }
}
