/** What somebody needs who helps: version, checks, log; as text that can be pasted anywhere. */
import type { About, DoctorCheck, LogLine } from '../api/types';

export function diagnostics(
  { version, store, url }: About,
  checks: readonly DoctorCheck[],
  log: readonly LogLine[],
): string {
  return [
    `Cairn ${version}`,
    `store ${store}`,
    `server ${url ?? '-'}`,
    '',
    ...checks.map(({ ok, name, detail }) => `${ok ? 'ok ' : 'BAD'}  ${name}: ${detail}`),
    '',
    ...log.map(({ at, level, text }) => `${at}  ${level.padEnd(7)}  ${text}`),
    '',
  ].join('\n');
}
