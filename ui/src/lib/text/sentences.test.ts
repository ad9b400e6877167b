import { describe, expect, it } from 'vitest';
import { words as german } from './de/sentences';
import { words as japanese } from './ja/sentences';
import { translator, type Sentences, type Tongue } from './sentences';

const tongue: Tongue = {
  between: ' ',
  row: ', ',
  half: '; ',
  stop: '.',
  point: ',',
  units: { bytes: 'Bytes' },
};
const book = (sentences: Sentences) => translator({ tongue, sentences: [sentences] });

describe('a sentence of the engine', () => {
  it('is put into another language with its names, in the order of that', () => {
    const translate = book({ "The volume '{}' is mounted at {}.": 'Unter {1} ist „{0}“.' });
    expect(translate("The volume 'data' is mounted at /data.")).toBe('Unter /data ist „data“.');
    expect(translate("The volume 'data' is mounted at /data")).toBeNull();
    expect(translate("Once The volume 'data' is mounted at /data.")).toBeNull();
    expect(translate('')).toBeNull();
  });

  it('may have braces of its own, and what Rust writes into the braces', () => {
    const translate = book({ '{name:?} has {{}} and {count:#x}.': '{count}: {name} {{}}' });
    expect(translate('"a" has {} and 0x1.')).toBe('0x1: "a" {}');
  });

  it('is the one with the most text of its own', () => {
    const translate = book({
      'There is no {what}.': 'Es gibt nicht: {what}',
      "There is no volume '{}'.": 'Kein Volume „{}“.',
    });
    expect(translate("There is no volume 'a'.")).toBe('Kein Volume „a“.');
    expect(translate('There is no other way.')).toBe('Es gibt nicht: other way');
  });

  it('is followed by another, and a cause becomes one', () => {
    const translate = book({
      "'{}' is full.": '„{}“ ist voll.',
      'Free {} there.': 'Schaffen Sie dort {!}.',
      'try again': 'Versuchen Sie es noch einmal',
    });
    expect(translate("'a' is full. Free 1.5 GiB there. try again.")).toBe(
      '„a“ ist voll. Schaffen Sie dort 1,5 GiB. Versuchen Sie es noch einmal.',
    );
    expect(translate("'a. b' is full. Free 7 bytes there.")).toBe(
      '„a. b“ ist voll. Schaffen Sie dort 7 Bytes.',
    );
    expect(translate("'a' is full. Nobody knows this.")).toBeNull();
  });
});

describe('what fills a place', () => {
  const translate = book({
    'Could not {what}: {}.': 'Es ging nicht, {what!}: {0?}.',
    'Could not {what} at {}: {}.': 'Es ging nicht, {what!} ({0}): {1?}.',
    "read '{path}'": '„{path}“ zu lesen',
    'make a folder': 'einen Ordner anzulegen',
    'the guest did not {}': 'der Gast hat nicht {}',
    'permission denied': 'keine Berechtigung',
    '{} (process {})': '{} (Prozess {})',
    'in use by {}': 'benutzt von {?}',
    'Left out: {names}{more}.': 'Weggelassen: {names}{more?}.',
    ' and {more} more': ' und {more} weitere',
  });

  it('is translated where it is a cause, and the causes of that', () => {
    expect(translate("Could not read 'a at b': permission denied.")).toBe(
      'Es ging nicht, „a at b“ zu lesen: keine Berechtigung.',
    );
    expect(translate('Could not make a folder at /x: Permission denied (os error 13).')).toBe(
      'Es ging nicht, einen Ordner anzulegen (/x): keine Berechtigung (os error 13).',
    );
    expect(translate('Could not make a folder: the guest did not wake: no reason.')).toBe(
      'Es ging nicht, einen Ordner anzulegen: der Gast hat nicht wake: no reason.',
    );
  });

  it('may be several in a row, or names and how many more there are', () => {
    expect(translate('Could not make a folder: in use by cat (process 1), vim (process 2).')).toBe(
      'Es ging nicht, einen Ordner anzulegen: benutzt von cat (Prozess 1), vim (Prozess 2).',
    );
    expect(translate('Left out: a, b and c and 3 more.')).toBe(
      'Weggelassen: a, b and c und 3 weitere.',
    );
  });

  it('stays as it is where it is a name, even one that looks like a sentence', () => {
    expect(translate("Could not read 'make a folder': permission denied.")).toBe(
      'Es ging nicht, „make a folder“ zu lesen: keine Berechtigung.',
    );
  });
});

describe('a text that means harm', () => {
  const translates = [german, japanese].map(translator);

  it('takes no longer than another', () => {
    const hostile = [
      'Could not '.repeat(380),
      "There is no volume '".repeat(190),
      'a: '.repeat(1300),
      'Try again. '.repeat(360),
      `Could not ${'read: '.repeat(600)}.`,
      `'${"' is being '".repeat(300)}`,
      ', (process '.repeat(350),
      'The volume 1 cannot be used. '.repeat(130),
      'x'.repeat(5_000_000),
    ];
    const begun = performance.now();
    for (const translate of translates) for (const text of hostile) translate(text);
    // Some milliseconds; a computer that is busy with other things takes longer.
    expect(performance.now() - begun).toBeLessThan(15_000);
  }, 30_000);
});

/** What the engine says, and what of it is others' words, which stay as they are. */
const SAID = [
  {
    en: "The volume 'data' is mounted read-write at /data in the machine 'demo'. Unmount it there first.",
    de: 'Das Volume „data“ ist in der Maschine „demo“ unter /data zum Lesen und Schreiben eingehängt. Hängen Sie es dort zuerst aus.',
    ja: 'ボリューム「data」は、マシン「demo」の /data に読み書きでマウントされています。先にそこでアンマウントしてください。',
  },
  {
    en: "The volume 'data' is busy: 'holiday' is being uploaded. Try again when that has ended, or cancel it.",
    de: 'Das Volume „data“ ist beschäftigt: „holiday“ wird gerade hochgeladen. Versuchen Sie es wieder, wenn das fertig ist, oder brechen Sie es ab.',
    ja: 'ボリューム「data」は使用中です: 「holiday」をアップロードしています。それが終わってからもう一度お試しいただくか、キャンセルしてください。',
  },
  {
    en: "Could not unmount 'data' at /data in 'demo': /data is in use in the guest by cat (process 12), vim (process 13). End that in the guest, then unmount again.",
    de: 'Es ist nicht gelungen, „data“ von /data in „demo“ auszuhängen: /data wird im Gast benutzt, von cat (Prozess 12), vim (Prozess 13). Beenden Sie das im Gast, und hängen Sie noch einmal aus.',
    ja: '「demo」の /data から「data」をアンマウントすることができませんでした: ゲストで /data を cat（プロセス 12）、vim（プロセス 13） が使用中です。ゲストでそれを終了してから、もう一度アンマウントしてください。',
  },
  {
    en: "Could not unmount 'data' at /data in 'demo': could not unmount /data in the guest: the guest did not finish within 20 seconds; it may still do so.",
    de: 'Es ist nicht gelungen, „data“ von /data in „demo“ auszuhängen: /data ließ sich im Gast nicht aushängen: der Gast wurde nicht innerhalb von 20 Sekunden fertig; vielleicht wird er es noch.',
    ja: '「demo」の /data から「data」をアンマウントすることができませんでした: ゲストで /data をアンマウントできませんでした: ゲストが 20 秒以内に終わりませんでした。これから終わるかもしれません。',
  },
  {
    en: "Could not mount 'data' at /data in 'demo': could not mount at /data in the guest: mount: wrong fs type; dmesg may have more.",
    de: 'Es ist nicht gelungen, „data“ unter /data in „demo“ einzuhängen: unter /data ließ sich im Gast nichts einhängen: mount: wrong fs type; dmesg may have more.',
    ja: '「data」を「demo」の /data にマウントすることができませんでした: ゲストの /data にマウントできませんでした: mount: wrong fs type; dmesg may have more。',
  },
  {
    en: "Could not write 'a/b': no room is left in the filesystem: all blocks are in use. Delete files from the volume, or grow it.",
    de: 'Es ist nicht gelungen, „a/b“ zu schreiben: im Dateisystem ist kein Platz mehr: alle Blöcke sind belegt. Löschen Sie Dateien aus dem Volume oder vergrößern Sie es.',
    ja: '「a/b」に書き込むことができませんでした: ファイルシステムに空きがありません: ブロックがすべて使用中です。ボリュームのファイルを削除するか、ボリュームを拡大してください。',
  },
  {
    en: 'Could not make a folder at /x: permission denied. Check the owner and the permissions of that file or folder.',
    de: 'Es ist nicht gelungen, einen Ordner anzulegen (/x): keine Berechtigung. Prüfen Sie Besitzer und Rechte der Datei oder des Ordners.',
    ja: 'フォルダを作成することができませんでした（/x）: アクセスが許可されていません。そのファイルまたはフォルダの所有者とアクセス権を確認してください。',
  },
  {
    en: '1 device, socket or pipe was left out, because they have no content to copy: /a.',
    de: '1 Gerätedatei, Socket oder Pipe wurde weggelassen, weil es dabei keinen Inhalt zu kopieren gibt: /a.',
    ja: '1 個のデバイス、ソケット、またはパイプを除きました。コピーする内容がないためです: /a。',
  },
  {
    en: '3 devices, sockets or pipes were left out, because they have no content to copy: /a and others.',
    de: '3 Gerätedateien, Sockets oder Pipes wurden weggelassen, weil es dabei keinen Inhalt zu kopieren gibt: /a und andere.',
    ja: '3 個のデバイス、ソケット、またはパイプを除きました。コピーする内容がないためです: /a ほか。',
  },
  {
    en: "2 of 5 cannot be used. 'a': The layer l of the volume 'a' is missing. Put it back from a backup; the other files of the volume are untouched. 'b': The manifest at /x is damaged (it is missing), and so is the generation before it.",
    de: '2 von 5 können nicht benutzt werden. „a“: Die Schicht l des Volumes „a“ fehlt. Holen Sie sie aus einer Sicherung zurück; die anderen Dateien des Volumes sind unversehrt. „b“: Das Manifest /x ist beschädigt (es fehlt), und seine vorige Fassung auch.',
    ja: '5 個のうち 2 個が使えません。「a」: ボリューム「a」の層 l がありません。バックアップから戻してください。ボリュームのほかのファイルは無事です。「b」: マニフェスト /x が壊れており（ありません）、1 つ前の版も壊れています。',
  },
];

describe('what the engine really says', () => {
  const [de, ja] = [translator(german), translator(japanese)];

  it.each(SAID)('is told in German and Japanese: $en', (said) => {
    expect(de(said.en)).toBe(said.de);
    expect(ja(said.en)).toBe(said.ja);
  });
});
