/** What a transfer is called in the window's language; the engine calls it "holiday and 3 more" or "holiday from seeded". */
import { t } from '../../lib/text';

const MORE = /^(.+) and (\d+) more$/s;
const FROM = /^(.+) from (.+)$/s;

export function titleOf(title: string): string {
  const [, what, checkpoint] = FROM.exec(title) ?? [];
  if (what !== undefined && checkpoint !== undefined) {
    return t.transfers.fromCheckpoint(titleOf(what), checkpoint);
  }
  const [, first, count] = MORE.exec(title) ?? [];
  return first === undefined ? title : t.transfers.andMore(first, Number(count));
}
