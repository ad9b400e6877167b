/**
 * What the engine refuses, for those who do not read its language: by the kind of refusal, what happened and what can be done.
 * What exactly it was, the engine says below in its own words.
 */
import type { ErrorCode } from '../../api/types';

export interface Refusal {
  /** What happened, as one sentence. */
  what: string;
  /** What can be done about it. */
  todo: string;
}

export type Refusals = Record<ErrorCode, Refusal>;

/** The engine speaks English: nobody needs other words for it than its own. */
export const refusals: Refusals | null = null;

export const refused = {
  /** Stands before what the engine says. */
  detail: 'What Cairn says about it',
  both: (what: string, todo: string) => `${what} ${todo}`,
};
