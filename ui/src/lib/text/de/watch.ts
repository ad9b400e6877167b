/** Texte von Ordnern, die abgeglichen werden, und von Archiven, die entpackt werden. */
import type { Messages } from '../en';
import { plural } from './words';

export const watch: Messages['watch'] = {
  action: 'Ordner abgleichen …',
  card: 'Überwachte Ordner',
  none: 'Kein Ordner dieses Rechners wird in dieses Volume abgeglichen.',
  add: 'Ordner abgleichen …',
  title: (volume) => `Einen Ordner nach „${volume}“ abgleichen`,
  body: 'Was sich im Ordner ändert, kommt von selbst ins Volume, auch nach einem Neustart. Nur in eine Richtung: Die Dateien des Ordners gelten. Solange eine Maschine das Volume hat, ruht der Abgleich und holt danach auf.',
  folder: 'Ordner',
  folderHint: 'Auf dem Rechner, auf dem Cairn läuft',
  folderEmpty: 'Wählen Sie einen Ordner, zum Beispiel /home/ada/projekt.',
  folderRelative: 'Der Pfad des Ordners muss mit „/“ beginnen.',
  place: 'In den Ordner des Volumes',
  placeHint: 'Er wird angelegt, wenn er fehlt; leer ist der oberste Ordner',
  ignore: 'Auslassen',
  ignoreHint:
    'Ein Muster je Zeile, wie in .gitignore. Dateien dieses Namens im Ordner gelten auch; .git bleibt außen vor.',
  delete: 'Im Volume löschen, was im Ordner gelöscht wird',
  deleteHint: 'Nur, was aus dem Ordner gekommen ist',
  submit: 'Abgleichen',
  added: (folder) => `${folder} wird ab jetzt abgeglichen.`,
  removed: (folder) => `${folder} wird nicht mehr überwacht. Was daraus gekommen ist, bleibt.`,
  remove: (folder) => `${folder} nicht mehr abgleichen`,
  into: (place) => `nach ${place}`,
  deletes: 'löscht auch',
  items: (count) => plural(count, 'Objekt', 'Objekte'),
  synced: (ago) => `abgeglichen ${ago}`,
  states: {
    watching: 'Abgeglichen',
    syncing: 'Holt auf',
    paused: 'Ruht',
    error: 'Nicht abgeglichen',
  },
};

export const unpack: Messages['unpack'] = {
  title: (name) => `„${name}“ hier entpacken?`,
  body: (place) =>
    `Was im Archiv ist, kommt nach ${place}: alles oder nichts. Oder die Datei selbst wird dort abgelegt.`,
  conflict: 'Dateien, die schon da sind,',
  conflicts: {
    skip: 'bleiben, wie sie sind',
    replace: 'werden ersetzt',
    fail: 'verhindern das Entpacken',
  },
  asFile: 'Als Datei ablegen',
  submit: 'Entpacken',
};
