/** What a menu consists of, and where it opens. */
import type { IconName } from './icons';

export interface MenuItem {
  label: string;
  icon: IconName;
  run: () => void;
  testid?: string;
  danger?: boolean;
  /** Whether it is the one of several that holds now; told by a tick in place of the icon. */
  chosen?: boolean;
  disabled?: boolean;
  /** A line above it. */
  separated?: boolean;
  /** Shown at the right: the key that does the same. */
  keys?: string;
}

/** Distance that a menu keeps from the window's edges. */
const MARGIN = 8;

/** Where a menu of `size` opens at `anchor` without leaving a window of `room`. */
export function place(
  anchor: { left: number; top: number; right: number; bottom: number },
  size: { width: number; height: number },
  room: { width: number; height: number },
  alignRight: boolean,
): { left: number; top: number } {
  const wanted = alignRight ? anchor.right - size.width : anchor.left;
  const left = Math.max(MARGIN, Math.min(wanted, room.width - size.width - MARGIN));
  const below = anchor.bottom + 4;
  const fits = below + size.height + MARGIN <= room.height;
  const top = fits ? below : Math.max(MARGIN, anchor.top - size.height - 4);
  return { left, top };
}
