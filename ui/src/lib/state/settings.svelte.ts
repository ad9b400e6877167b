/** What a person has chosen for this window. The choices outlive it. */
import { quotaRule, type Unit, UNITS } from '../logic/rules';
import { remember, remembered } from './remember';

/** A size as it is typed. */
export interface Size {
  typed: string;
  unit: Unit;
}

const QUOTA: Size = { typed: '10', unit: 'GiB' };

/** A size that was remembered, when it still makes sense. */
function sizeFrom(text: string | null): Size | null {
  const [typed = '', unit = ''] = (text ?? '').split(' ');
  if (!(unit in UNITS) || quotaRule(typed, unit as Unit) !== null) return null;
  return { typed, unit: unit as Unit };
}

export class Settings {
  /** The size that a new volume is suggested to have. */
  quota = $state.raw<Size>(sizeFrom(remembered('quota')) ?? QUOTA);

  suggestQuota(size: Size): void {
    this.quota = size;
    const same = size.typed === QUOTA.typed && size.unit === QUOTA.unit;
    remember('quota', same ? null : `${size.typed} ${size.unit}`);
  }
}
