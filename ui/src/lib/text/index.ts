/** The texts in the language that is shown. */
import { en, type Messages } from './en';

export const t: Messages = en;
export type { Messages };
