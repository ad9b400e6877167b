/** Texte des Papierkorbs und von Volumes, die aus Dateien kommen oder eine werden. */
import type { Messages } from '../en';
import { plural } from './words';

const days = (n: number) => plural(n, 'Tag', 'Tage');

export const trash: Messages['trash'] = {
  title: 'Papierkorb',
  undo: 'Rückgängig',
  inTrash: 'Es liegt im Papierkorb.',
  back: (name) => `„${name}“ ist wieder da.`,
  body: (n) => `Gelöschte Volumes lassen sich ${plural(n, 'Tag', 'Tage')} lang zurückholen.`,
  emptyListTitle: 'Der Papierkorb ist leer',
  emptyListBody:
    'Volumes, die Sie löschen, warten hier einige Tage und lassen sich vollständig zurückholen.',
  deleted: (time) => `gelöscht: ${time}`,
  goes: (time) => `verschwindet: ${time}`,
  onDisk: (size) => `${size} auf der Platte`,
  checkpoints: (n) => plural(n, 'Checkpoint', 'Checkpoints'),
  undelete: 'Zurückholen',
  undeleteLabel: (name) => `„${name}“ zurückholen`,
  remove: 'Endgültig löschen',
  removeLabel: (name) => `„${name}“ endgültig löschen`,
  removeTitle: (name) => `„${name}“ endgültig löschen?`,
  removeBody: (size) =>
    `Dateien und Checkpoints sind dann verloren; ${size} auf der Platte dieses Rechners werden frei. Das lässt sich nicht rückgängig machen.`,
  empty: 'Papierkorb leeren',
  emptyTitle: (n) => `${plural(n, 'Volume', 'Volumes')} endgültig löschen?`,
  emptyBody: 'Dateien und Checkpoints sind dann verloren. Das lässt sich nicht rückgängig machen.',
  keep: 'Gelöschte Volumes behalten',
  days,
};

export const exchange: Messages['exchange'] = {
  import: 'Volume importieren …',
  importTitle: 'Volume importieren',
  importBody:
    'Ein Datenträgerabbild mit einem ext4-Dateisystem (raw, qcow2, vmdk, vdi, vhdx) oder ein Archiv (tar, tar.gz, zip) wird zu einem eigenen Volume. Die Datei bleibt, wie sie ist.',
  file: 'Abbild oder Archiv',
  fileHint: 'Eine Datei auf dem Rechner, auf dem Cairn läuft',
  fileHintBrowser: 'Eine Datei auf dem Rechner, auf dem Cairn läuft; oder wählen Sie eine von hier',
  fileSent: (size) => `${size} werden zuerst von diesem Rechner an Cairn geschickt`,
  fileEmpty: 'Wählen Sie eine Datei, zum Beispiel /home/ada/disk.vmdk.',
  fileRelative: 'Der Pfad der Datei muss mit „/“ beginnen.',
  choose: 'Wählen …',
  name: 'Name des Volumes',
  partition: 'Partition',
  partitionHint: 'Nur wenn mehrere Partitionen eines Abbilds ein ext4-Dateisystem haben',
  partitionWrong: 'Geben Sie eine ganze Zahl ab 1 ein, oder nichts.',
  importSubmit: 'Importieren',
  importing: (name) => `„${name}“ wird importiert.`,
  imported: (name) => `„${name}“ ist bereit.`,
  export: 'Exportieren …',
  exportTitle: (name) => `„${name}“ exportieren`,
  exportBody:
    'Was das Volume enthält, wird in eine Datei geschrieben, die andere Programme lesen können.',
  what: 'Was',
  present: 'Die Gegenwart',
  format: 'Format',
  formats: {
    qcow2: { label: 'qcow2', hint: 'Ein Abbild für QEMU, das nur belegt, was benutzt ist.' },
    raw: {
      label: 'Raw',
      hint: 'Die Bytes der Platte, wie sie sind, mit Löchern; für jedes Programm.',
    },
    tar: {
      label: 'tar',
      hint: 'Ein Archiv der Dateien, mit Eigentümern, Rechten und Verknüpfungen.',
    },
  },
  to: 'Datei',
  toHint: 'Auf dem Rechner, auf dem Cairn läuft; eine vorhandene Datei bleibt',
  exportSubmit: 'Exportieren',
  exporting: (name) => `„${name}“ wird exportiert.`,
  drop: (name) => `${name} als neues Volume importieren`,
};

export const fetch: Messages['fetch'] = {
  action: 'Aus dem Web …',
  title: 'Datei aus dem Web hinzufügen',
  body: (place) =>
    `Sie wird nach ${place} kopiert. Bricht die Verbindung ab, geht es an derselben Stelle weiter.`,
  url: 'Adresse',
  urlEmpty: 'Geben Sie die Adresse einer Datei ein, zum Beispiel https://example.org/data.csv.',
  urlWrong: 'Eine Adresse beginnt mit https:// oder http://.',
  sum: 'SHA-256 (freiwillig)',
  sumHint: 'Eine Datei, die nicht die erwartete ist, wird nicht kopiert',
  sumWrong: 'Eine SHA-256 hat 64 hexadezimale Ziffern.',
  unpack: 'Entpacken',
  unpackHint: 'Was im Archiv ist, kommt in den Ordner: alles oder nichts',
  submit: 'Hinzufügen',
};

export const paste: Messages['paste'] = {
  action: 'Aus der Zwischenablage',
  nothing: 'Die Zwischenablage enthält nichts, was eine Datei werden könnte.',
  names: { text: 'Eingefügter Text.txt', image: 'Eingefügtes Bild.png' },
};
