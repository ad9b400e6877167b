/**
 * What may be typed: each rule answers `null`, or the sentence that says what is wrong.
 *
 * The engine has the last word; these rules only tell earlier.
 */
import { t } from '../text';
import { bytes } from './format';

/** A sentence, or `null` when all is well. */
export type Verdict = string | null;

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

/** The engine's `MIN_QUOTA_BYTES`. */
export const MIN_QUOTA = 16 * MIB;
/** The engine's `MAX_QUOTA_BYTES`. */
export const MAX_QUOTA = 16 * TIB;

const MIN_MEMORY = 32 * MIB;
const MAX_CPUS = 255;

/** Units in which a size is typed. */
export const UNITS = { MiB: MIB, GiB: GIB, TiB: TIB } as const;
export type Unit = keyof typeof UNITS;

const MAX_NAME_BYTES = 255;
const ID = /^(vol|ckpt|vm|lay|xfer)_[a-z2-7]{16}$/;

const byteLength = (text: string) => new TextEncoder().encode(text).length;
const isControl = (character: string) => /\p{Cc}/u.test(character);

/** What every name in Cairn obeys: of a volume, a file, a checkpoint. */
export function nameRule(name: string, taken: readonly string[] = []): Verdict {
  if (name.trim() === '') return t.rules.nameEmpty;
  const length = byteLength(name);
  if (length > MAX_NAME_BYTES) return t.rules.nameTooLong(length);
  if (name === '.' || name === '..') return t.rules.nameDots;
  if (name.includes('/')) return t.rules.nameSlash;
  if ([...name].some(isControl)) return t.rules.nameControl;
  if (taken.includes(name)) return t.rules.nameTaken(name);
  return null;
}

/** A volume's or checkpoint's name: not shaped like an id either. */
export function labelRule(name: string, taken: readonly string[] = []): Verdict {
  return ID.test(name) ? t.rules.nameId : nameRule(name, taken);
}

/** The bytes that a typed size stands for, or `null`. A comma counts as the decimal point. */
export function sizeOf(typed: string, unit: Unit): number | null {
  const text = typed.trim().replace(',', '.');
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  return Math.round(Number(text) * UNITS[unit]);
}

/** A volume's size; `atLeast` is what it has already. */
export function quotaRule(typed: string, unit: Unit, atLeast: number | null = null): Verdict {
  if (typed.trim() === '') return t.rules.quotaEmpty;
  const size = sizeOf(typed, unit);
  if (size === null) return t.rules.quotaNotNumber;
  if (atLeast !== null && size <= atLeast) return t.rules.quotaShrinks(bytes(atLeast));
  if (size < MIN_QUOTA) return t.rules.quotaTooSmall(bytes(MIN_QUOTA));
  if (size > MAX_QUOTA) return t.rules.quotaTooBig(bytes(MAX_QUOTA));
  return null;
}

/** A mount's path in a guest; `taken` are the mounts that the machine has. */
export function mountPathRule(
  path: string,
  taken: readonly { mount_path: string; volume_name: string }[] = [],
): Verdict {
  if (path.trim() === '') return t.rules.pathEmpty;
  if (!path.startsWith('/')) return t.rules.pathRelative;
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length === 0) return t.rules.pathRoot;
  if (parts.includes('.') || parts.includes('..')) return t.rules.pathDots;
  if ([...path].some(isControl)) return t.rules.nameControl;
  const clean = `/${parts.join('/')}`;
  const other = taken.find((mount) => mount.mount_path === clean);
  return other ? t.rules.pathTaken(other.volume_name) : null;
}

/** A machine's image: an absolute path on the computer that the engine runs on. */
export function imageRule(path: string): Verdict {
  if (path.trim() === '') return t.rules.imageEmpty;
  return path.trim().startsWith('/') ? null : t.rules.imageRelative;
}

/** A machine's memory; the engine has the same least. */
export function memoryRule(typed: string, unit: Unit): Verdict {
  const size = sizeOf(typed, unit);
  if (size === null) return t.rules.memoryNotNumber;
  return size < MIN_MEMORY ? t.rules.memoryTooSmall(bytes(MIN_MEMORY)) : null;
}

/** A machine's processors. */
export function cpusRule(typed: string): Verdict {
  const count = /^\d+$/.test(typed.trim()) ? Number(typed) : 0;
  return count >= 1 && count <= MAX_CPUS ? null : t.rules.cpusWrong(MAX_CPUS);
}

/** `base`, or `base-2`, `base-3`… : the first that is free. */
export function freeName(base: string, taken: readonly string[]): string {
  if (!taken.includes(base)) return base;
  for (let number = 2; ; number++) {
    const name = `${base}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** Twice the present size, in the unit in which it is a small number. */
export function suggestLarger(quota: number): { typed: string; unit: Unit } {
  const doubled = Math.min(quota * 2, MAX_QUOTA);
  const unit = doubled >= TIB ? 'TiB' : doubled >= GIB ? 'GiB' : 'MiB';
  return { typed: String(Math.ceil((doubled / UNITS[unit]) * 10) / 10), unit };
}
