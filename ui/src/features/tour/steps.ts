/** The steps of the short tour: what each is about, by the mark of the thing that it points at. */
import type { Messages } from '../../lib/text';

export interface Step {
  key: keyof Messages['tour']['steps'];
  /** The first of these that is in the window; none of them, and the step stands in the middle. */
  at: readonly string[];
}

export const STEPS: readonly Step[] = [
  { key: 'volumes', at: ['new-volume'] },
  { key: 'files', at: ['drop-target', 'welcome'] },
  { key: 'timeline', at: ['pane-timeline'] },
  { key: 'machines', at: ['machines-panel', 'machines-toggle'] },
  { key: 'commands', at: ['palette-open'] },
];
