/** What a person has chosen for this window. The choices outlive it. */
import { PERIODS } from '../logic/policy';
import { cpusRule, memoryRule, quotaRule, type Unit, UNITS, type Verdict } from '../logic/rules';
import { remember, remembered } from './remember';

/** A size as it is typed. */
export interface Size {
  typed: string;
  unit: Unit;
}

const QUOTA: Size = { typed: '10', unit: 'GiB' };
const MEMORY: Size = { typed: '1', unit: 'GiB' };
const CPUS = '2';

/** A size that was remembered, when it still makes sense. */
function sizeFrom(text: string | null, rule: (typed: string, unit: Unit) => Verdict): Size | null {
  const [typed = '', unit = ''] = (text ?? '').split(' ');
  if (!(unit in UNITS) || rule(typed, unit as Unit) !== null) return null;
  return { typed, unit: unit as Unit };
}

/** Remembers a size, unless it is the one that everybody has. */
function rememberSize(name: string, size: Size, usual: Size): void {
  const same = size.typed === usual.typed && size.unit === usual.unit;
  remember(name, same ? null : `${size.typed} ${size.unit}`);
}

function cpusFrom(text: string | null): string | null {
  return text !== null && cpusRule(text) === null ? text : null;
}

function periodFrom(text: string | null): number | null {
  return PERIODS.find((period) => String(period) === text) ?? null;
}

export class Settings {
  /** The size that a new volume is suggested to have. */
  quota = $state.raw<Size>(sizeFrom(remembered('quota'), quotaRule) ?? QUOTA);
  /** How often a new volume has a checkpoint taken, in minutes; 0 is never. */
  every = $state(periodFrom(remembered('every')) ?? 0);
  /** Whether only some of those are kept, as is suggested in the dialog of that. */
  keepSome = $state(remembered('keep') === 'some');
  /** What a new machine is suggested to have. */
  memory = $state.raw<Size>(sizeFrom(remembered('memory'), memoryRule) ?? MEMORY);
  cpus = $state(cpusFrom(remembered('cpus')) ?? CPUS);

  suggestQuota(size: Size): void {
    this.quota = size;
    rememberSize('quota', size, QUOTA);
  }

  suggestCheckpoints(every: number, keepSome: boolean): void {
    this.every = every;
    this.keepSome = keepSome;
    remember('every', every === 0 ? null : String(every));
    remember('keep', keepSome ? 'some' : null);
  }

  suggestMemory(size: Size): void {
    this.memory = size;
    rememberSize('memory', size, MEMORY);
  }

  suggestCpus(cpus: string): void {
    this.cpus = cpus;
    remember('cpus', cpus === CPUS ? null : cpus);
  }
}
