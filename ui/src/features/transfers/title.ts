/**
 * What a transfer is called in the window's language; the engine calls it "holiday and 3 more". What a restore adds to it (" from
 * seeded") stays: a file's own name may have that in it, and names are nobody's to translate.
 */
import { t } from '../../lib/text';

const MORE = /^(.+) and (\d+) more$/s;

export function titleOf(title: string): string {
  const [, first, count] = MORE.exec(title) ?? [];
  return first === undefined ? title : t.transfers.andMore(first, Number(count));
}
