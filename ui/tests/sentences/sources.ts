/** Which literals of the Rust sources are sentences of the engine's, and which of these a person in the window may read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { literals, type Literal } from './rust';

export interface Said extends Literal {
  file: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What stands in these no person reads: logs, places where tests let things fail, what never happens, formats. */
const UNSAID = [
  /^(?:tracing::)?(?:trace|debug|info|warn|error|info_span|debug_span)!$/,
  /^(?:.*::)?(?:expect|expect_err|point|replace_file|is_kvm|run_script)$/,
  /^(?:debug_)?(?:assert|assert_eq|assert_ne|panic|unreachable|format_description)!$/,
  /^(?:keep_present|starts_with|ends_with|contains|split|strip_prefix|split_once)$/,
  /^#!?$/,
];

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'tests' ? [] : files(path);
    return entry.name.endsWith('.rs') && entry.name !== 'tests.rs' ? [path] : [];
  });
}

/** Every literal below a folder of the repository. */
export function saidIn(folder: string): Said[] {
  return files(folder)
    .sort()
    .flatMap((file) =>
      literals(readFileSync(join(ROOT, file), 'utf8')).map((one) => ({ ...one, file })),
    );
}

/** Whether a literal has the shape of a sentence or a cause, and stands where it can reach a person. */
export function reaches({ text, inside }: Said): boolean {
  const words = text.replace(/\{[^{}]*\}/g, ' ').match(/[A-Za-z]{2,}/g) ?? [];
  const shape = words.length > 1 || (words.length === 1 && /\.$|[{}]/.test(text));
  return (
    shape && text.includes(' ') && !inside.some((name) => UNSAID.some((one) => one.test(name)))
  );
}

/** The sentences of a text, and the places in it where another sentence comes. */
export const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?]) (?=\S)|(?<=\}) (?=[A-Z{])/);
