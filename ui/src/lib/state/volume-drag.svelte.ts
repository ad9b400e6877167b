/**
 * A volume that is dragged from the list onto a machine. By pointer events, since the desktop's own drops of files and the
 * page's drag and drop exclude each other.
 */
import type { MountMode, Volume } from '../api/types';
import { remember, remembered } from './remember';

/** So far the pointer moves before it is a drag, in CSS pixels. */
const THRESHOLD = 6;

/** Where and how a volume was mounted last. */
export interface Wish {
  path: string;
  mode: MountMode;
}

/** What was chosen for a volume the last time. */
export function lastWish(volumeId: string): Wish | null {
  try {
    const { path, mode } = JSON.parse(remembered(`mount-${volumeId}`) ?? '') as Partial<Wish>;
    const known = typeof path === 'string' && path.startsWith('/');
    return known && (mode === 'rw' || mode === 'ro') ? { path, mode } : null;
  } catch {
    return null;
  }
}

export const rememberWish = (volumeId: string, wish: Wish): void =>
  remember(`mount-${volumeId}`, JSON.stringify(wish));

export class VolumeDrag {
  /** What is dragged, once the pointer has moved far enough. */
  volume = $state.raw<Volume | null>(null);
  /** The machine that it is over. */
  vmId = $state<string | null>(null);
  x = $state(0);
  y = $state(0);

  #dropped: (volume: Volume, vmId: string) => void;

  constructor(dropped: (volume: Volume, vmId: string) => void) {
    this.#dropped = dropped;
  }

  /** A press on a volume: a drag begins when the pointer moves with it. */
  press(volume: Volume, down: PointerEvent): void {
    if (down.button !== 0 || down.pointerType === 'touch') return;
    const listening = new AbortController();
    const { signal } = listening;
    const end = () => {
      listening.abort();
      this.volume = null;
      this.vmId = null;
    };
    const move = (event: PointerEvent) => {
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
      if (this.volume === null && far < THRESHOLD) return;
      this.volume = volume;
      this.#over(event);
    };
    const up = (event: PointerEvent) => {
      const wasDragged = this.volume !== null;
      this.#over(event);
      const { vmId } = this;
      end();
      if (!wasDragged) return;
      // The click that comes with the release is not one.
      window.addEventListener('click', stop, { capture: true, once: true });
      setTimeout(() => window.removeEventListener('click', stop, { capture: true }), 0);
      if (vmId !== null) this.#dropped(volume, vmId);
    };
    const stop = (event: MouseEvent) => event.stopPropagation();
    window.addEventListener('pointermove', move, { signal });
    window.addEventListener('pointerup', up, { signal });
    window.addEventListener('pointercancel', end, { signal });
    window.addEventListener('keydown', ({ key }) => key === 'Escape' && end(), { signal });
  }

  #over({ clientX, clientY }: PointerEvent): void {
    this.x = clientX;
    this.y = clientY;
    const place = document.elementFromPoint(clientX, clientY)?.closest('[data-drop-vm]');
    this.vmId = place?.getAttribute('data-drop-vm') ?? null;
  }
}
