/** How a volume's space and status are told. */
import type { Volume } from '../../lib/api/types';
import { t } from '../../lib/text';

/** From here on a bar warns. */
const GETTING_FULL = 0.85;
const FULL = 0.97;

export function spaceTone(
  used: number,
  strong: boolean,
): 'accent' | 'muted' | 'warning' | 'danger' {
  if (used >= FULL) return 'danger';
  if (used >= GETTING_FULL) return 'warning';
  return strong ? 'accent' : 'muted';
}

/** Who has the volume, or that nobody does. */
export function statusText(volume: Volume): string {
  if (volume.status === 'error') return t.volumes.error;
  const machines = new Set(volume.mounts.map(({ vm_name }) => vm_name));
  const [first] = machines;
  if (first === undefined)
    return volume.status === 'in-use' ? t.volumes.inUse : t.volumes.available;
  return machines.size === 1 ? t.volumes.mountedIn(first) : t.volumes.mountedMany(machines.size);
}
