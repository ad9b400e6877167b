/** Compares the translations of what the engine says with what stands in its sources. */
import { describe, expect, it } from 'vitest';
import { words as german } from '../../src/lib/text/de/sentences';
import { system } from '../../src/lib/text/de/sentences/system';
import { words as japanese } from '../../src/lib/text/ja/sentences';
import { translator, type Words } from '../../src/lib/text/sentences';
import { parts } from '../../src/lib/text/templates';
import { ASSEMBLED, EXCEPTIONS, isException } from './exceptions';
import { reaches, saidIn, sentencesOf } from './sources';

/** How many sentences of each room have no translation yet: may become fewer, never more. */
const LEFT = {
  'crates/engine/src': 0,
  'crates/vm/src': 0,
  'crates/api/src': 0,
  'src-tauri': 0,
  'crates/server/src': 0,
  'crates/block/src': 0,
  'crates/ext4/src': 0,
};

const said = Object.keys(LEFT).flatMap((folder) => saidIn(folder));
const inSource = new Set(said.flatMap(({ text }) => [text, ...sentencesOf(text), headOf(text)]));
const idsOf = ({ sentences }: Words) => sentences.flatMap((some) => Object.keys(some));
const [inGerman, inJapanese] = [idsOf(german), idsOf(japanese)];
const known = new Set(inGerman);

/** "the filesystem is damaged: " comes with what is damaged behind it. */
function headOf(text: string): string {
  return text.replace(/: $/, '');
}

function isKnown(text: string): boolean {
  const speaks = (one: string) => /[A-Za-z]{2}/.test(one.replace(/\{[^{}]*\}/g, ''));
  const pieces = sentencesOf(text).filter(speaks);
  return known.has(text) || known.has(headOf(text)) || pieces.every((one) => known.has(one));
}

describe('the translations', () => {
  it('are of sentences that the engine says', () => {
    const theirs = new Set([...Object.keys(system), ...Object.keys(ASSEMBLED)]);
    const gone = inGerman.filter((id) => !inSource.has(id) && !theirs.has(id));
    expect(gone).toEqual([]);
    const lost = Object.values(ASSEMBLED).flatMap((all) => all.filter((one) => !inSource.has(one)));
    expect(lost).toEqual([]);
  });

  it('are the same in every language, each of them once', () => {
    expect(inJapanese).toEqual(inGerman);
    expect(inGerman.filter((id, n) => inGerman.indexOf(id) !== n)).toEqual([]);
  });

  it('name no other places than what they translate, and lose none but words for words', () => {
    const placesOf = (text: string) => parts(text).slots.map(({ name }) => name);
    const wrong = [german, japanese].flatMap(({ sentences }) =>
      sentences.flatMap((some) =>
        Object.entries(some).filter(([id, told]) => {
          const [theirs, ours] = [placesOf(id), placesOf(told)];
          const lost = theirs.filter((name) => !ours.includes(name) && !WORDS.includes(name));
          return lost.length > 0 || ours.some((name) => !theirs.includes(name));
        }),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('are found, each by a text that is made of what it translates', () => {
    const fill = (text: string) => {
      const { literals, slots } = parts(text);
      return literals.reduce(
        (made, literal, n) => `${made}<${slots[n - 1]?.name ?? ''}>${literal}`,
      );
    };
    const wrong = [german, japanese].flatMap((words) => {
      const all = words.sentences.flatMap((some) => Object.entries(some));
      const names = new Set(all.flatMap(([id]) => parts(id).slots.map(({ name }) => `<${name}>`)));
      // What has to be known is.
      const same = Object.fromEntries([...names].map((name) => [name, name]));
      const translate = translator({ ...words, sentences: [...words.sentences, same] });
      return all
        .filter(([id]) => !/^ |\}\{/.test(id))
        .map(([id, told]) => ({ id, told: fill(told), is: translate(fill(id)) }))
        .filter(({ told, is }) => is !== told);
    });
    expect(wrong).toEqual([]);
  });

  it('end as what they translate does', () => {
    const ends = (text: string) => /[\p{L}\d'“」）)}][.。]$/u.test(text);
    const wrong = [german, japanese].flatMap(({ sentences }) =>
      sentences.flatMap((some) =>
        Object.entries(some).filter(
          ([id, told]) => ends(id) && !ends(told) && !/[:!]\}?$/.test(told),
        ),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

/** Fillings that are English grammar: what kind of thing a name is for, and verbs that agree with something. */
const WORDS = ['what', 'verb', 'which'];

describe('what the engine says', () => {
  it.each(Object.entries(LEFT))('is known in every language: %s', (folder, left) => {
    const unknown = said
      .filter((one) => one.file.startsWith(`${folder}/`) && reaches(one))
      .filter(({ file, text }) => !isKnown(text) && !isException(file, text));
    const told = unknown.map(({ file, line, text }) => `${file}:${line} ${text}`);
    expect(told.length, `without a translation:\n${told.join('\n')}`).toBeLessThanOrEqual(left);
    // What has been translated stays so.
    expect(told.length, 'LEFT can be less').toBe(left);
  });

  it('has no exception that nothing needs', () => {
    const needed = said.filter((one) => reaches(one) && !isKnown(one.text));
    const idle = EXCEPTIONS.filter(
      ({ files, text }) =>
        !needed.some((one) => (files?.test(one.file) ?? true) && (text?.test(one.text) ?? true)),
    );
    expect(idle).toEqual([]);
  });
});
