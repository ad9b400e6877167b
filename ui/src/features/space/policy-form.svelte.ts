/** What the dialog for automatic checkpoints asks for, with its rules. */
import type { Keep, Policy, PolicyChange } from '../../lib/api/types';
import {
  countOf,
  KEEP_PARTS,
  type KeepPart,
  keepsAll,
  minuteOf,
  MOST_KEPT,
  PERIODS,
  SUGGESTED,
  timeOfDay,
} from '../../lib/logic/policy';
import { t } from '../../lib/text';

type Typed = Record<KeepPart, string>;

const typedOf = (keep: Keep): Typed => {
  const text = (part: KeepPart) => String(keep[part]);
  return {
    last: text('last'),
    hourly: text('hourly'),
    daily: text('daily'),
    weekly: text('weekly'),
    monthly: text('monthly'),
  };
};

export class PolicyForm {
  beforeMount = $state(false);
  beforeDelete = $state(false);
  /** Minutes, as the list of choices has them. */
  every = $state('0');
  time = $state('00:00');
  keepAll = $state(true);
  keep = $state<Typed>(typedOf(SUGGESTED));

  /** What can be chosen; what somebody set elsewhere stays a choice. */
  periods: number[];

  scheduled = $derived(this.every !== '0');
  /** Only from a day on it matters what time it begins. */
  timed = $derived(Number(this.every) >= 1440);
  timeError = $derived(this.timed && minuteOf(this.time) === null ? t.policy.timeWrong : null);
  keepError = $derived.by(() => {
    if (this.keepAll) return null;
    const counts = KEEP_PARTS.map((part) => countOf(this.keep[part]));
    if (counts.includes(null)) return t.policy.keepNumber(MOST_KEPT);
    return counts.every((count) => count === 0) ? t.policy.keepNothing : null;
  });
  ready = $derived(this.timeError === null && this.keepError === null);

  constructor(now: Policy) {
    this.beforeMount = now.before_mount;
    this.beforeDelete = now.before_delete;
    this.every = String(now.every_minutes);
    this.time = timeOfDay(now.at_minute);
    this.keepAll = keepsAll(now.keep);
    if (!this.keepAll) this.keep = typedOf(now.keep);
    this.periods = [...new Set<number>([...PERIODS, now.every_minutes])].sort((a, b) => a - b);
  }

  /** What was typed; to be asked for only while it is ready. */
  get change(): PolicyChange {
    const count = (part: KeepPart) => (this.keepAll ? 0 : (countOf(this.keep[part]) ?? 0));
    return {
      before_mount: this.beforeMount,
      before_delete: this.beforeDelete,
      every_minutes: Number(this.every),
      // Where no time is shown, none is changed.
      at_minute: this.timed ? minuteOf(this.time) : null,
      keep: {
        last: count('last'),
        hourly: count('hourly'),
        daily: count('daily'),
        weekly: count('weekly'),
        monthly: count('monthly'),
      },
    };
  }
}
