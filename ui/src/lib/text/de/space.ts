/** German texts of what a volume takes up, how quickly it is read, and what Cairn does by itself. */
import type { Messages } from '../en';
import { plural } from './words';

export const space: Messages['space'] = {
  label: 'Platz',
  onDisk: 'Auf der Festplatte dieses Computers',
  files: 'Dateien jetzt',
  filesHint: (quota) => `von ${quota}`,
  barLabel: (size) => `Wofür die ${size} auf der Festplatte da sind`,
  parts: {
    present: 'Seit dem letzten Checkpoint geschrieben',
    checkpoints: 'Checkpoints',
    nameless: 'Gelöscht, aber von anderen noch gebraucht',
    base: 'Kopie zum schnellen Lesen',
  },
  shared: (size) => `${size} davon werden mit anderen Volumes geteilt und bei jedem mitgezählt.`,
  table: 'Was jeder Checkpoint belegt',
  columns: {
    name: 'Checkpoint',
    changed: 'Geändert',
    disk: 'Belegt',
    freed: 'Wird beim Löschen frei',
  },
  hints: {
    changed: 'Was sich bis zu diesem Checkpoint im Volume geändert hat',
    disk: 'Was dieser Checkpoint allein auf der Festplatte dieses Computers belegt',
    freed: 'Mehrere zusammen zu löschen kann mehr freigeben als die Summe',
  },
  sortBy: (column) => `Sortieren: ${column}`,
  shares: 'mit einem anderen Volume geteilt',
  standing: (count) => `${plural(count, 'Stand baut', 'Stände bauen')} darauf auf`,
  later: 'wenn eine Maschine loslässt',
  sharedLater: 'wenn kein Volume es teilt',
  deleteLabel: (name) => `„${name}“ löschen, mit Plan`,
  none: 'Es gibt noch keinen Checkpoint: alles ist Gegenwart.',
  failedTitle: 'Was es belegt, lässt sich nicht zählen',
  rowChanged: (size) => `${size} geändert`,
  rowFreed: (size) => `gibt ${size} frei`,
  rowFreedHint:
    'Was sich bis zu diesem Checkpoint geändert hat, und was auf der Festplatte frei würde, wenn er gelöscht würde',
  nowWritten: (size) => `${size} neu`,
  nowWrittenHint: 'Seit dem letzten Checkpoint geschrieben, auf der Festplatte dieses Computers',
};

export const chain: Messages['chain'] = {
  title: 'Lesegeschwindigkeit',
  one: 'Die Gegenwart wird aus einer einzigen Datei gelesen. Schneller geht es nicht.',
  files: (count) => `Die Gegenwart wird durch ${plural(count, 'Datei', 'Dateien')} gelesen.`,
  instead: (count, history) =>
    `Die Gegenwart wird durch ${plural(count, 'Datei', 'Dateien')} gelesen statt durch ${history.toLocaleString('de')}.`,
  same: 'Bis zu vier sind so schnell wie eine.',
  long: 'Das macht das Lesen langsamer: bis zu vier sind so schnell wie eine.',
  base: (size, layers) =>
    `Eine Kopie von ${size} steht für ${plural(layers, 'ältere Schicht', 'ältere Schichten')}. Die Checkpoints selbst bleiben unberührt.`,
  diagram: (files, history) =>
    `${plural(files, 'Datei', 'Dateien')} zu lesen, ${plural(history, 'Schicht', 'Schichten')} in der Geschichte`,
  switchLabel: 'Im Hintergrund kurz halten',
  switchHint:
    'Ausgeschaltet wird der Platz der Kopie frei, und das Lesen mit jedem Checkpoint langsamer.',
  off: 'Für dieses Volume ausgeschaltet.',
  idle: 'Es gibt nichts zu tun.',
  waiting: (why) => `Wartet: ${why}`,
  working: (done) => `Kopiert: ${done}.`,
  workingLabel: 'Fortschritt der Kopie',
  now: 'Jetzt optimieren',
  busy: 'Wird optimiert …',
  done: (files) => `Die Gegenwart wird jetzt durch ${plural(files, 'Datei', 'Dateien')} gelesen.`,
};

export const policy: Messages['policy'] = {
  action: 'Automatische Checkpoints …',
  title: (name) => `Automatische Checkpoints von „${name}“`,
  card: 'Automatische Checkpoints',
  change: 'Ändern …',
  prune: 'Ausdünnen …',
  when: 'Wann einer entsteht',
  beforeMount: 'Bevor eine Maschine das Volume zum Schreiben bekommt',
  beforeMountHint: 'Was sie dort auch tut, Sie können zurück.',
  beforeDelete: 'Bevor ein Ordner gelöscht wird, in dem etwas ist',
  beforeDeleteHint: 'Auch wenn ein Programm ihn über die API löscht.',
  schedule: 'Nach Zeitplan',
  scheduleHint: 'Nur wenn seit dem letzten etwas geschrieben wurde.',
  every: 'Wie oft',
  at: 'Ab',
  atHint: 'Uhrzeit, nach der Uhr dieses Computers',
  periods: {
    never: 'Nie',
    minutes: (count) => `Alle ${count} Minuten`,
    hour: 'Jede Stunde',
    hours: (count) => `Alle ${count} Stunden`,
    day: 'Jeden Tag',
    week: 'Jede Woche',
  },
  keepTitle: 'Welche automatischen bleiben',
  keepAll: 'Alle',
  keepSome: 'Nur einige',
  keepHint:
    'Andere werden nach jedem planmäßigen gelöscht, oder wenn Sie ausdünnen. Checkpoints, die Sie selbst gemacht haben, bleiben immer.',
  keep: {
    last: 'Die neuesten',
    hourly: 'Einer pro Stunde, Stunden lang',
    daily: 'Einer pro Tag, Tage lang',
    weekly: 'Einer pro Woche, Wochen lang',
    monthly: 'Einer pro Monat, Monate lang',
  },
  units: {
    last: 'Checkpoints',
    hourly: 'Stunden',
    daily: 'Tage',
    weekly: 'Wochen',
    monthly: 'Monate',
  },
  rows: {
    last: 'Die neuesten',
    hourly: 'Einer pro Stunde, für',
    daily: 'Einer pro Tag, für',
    weekly: 'Einer pro Woche, für',
    monthly: 'Einer pro Monat, für',
  },
  keepNothing: 'Behalten Sie mindestens einen, oder wählen Sie „Alle“.',
  keepNumber: (most) => `Geben Sie ganze Zahlen von 0 bis ${most.toLocaleString('de')} ein.`,
  timeWrong: 'Geben Sie eine Uhrzeit ein, zum Beispiel 03:30.',
  save: 'Sichern',
  saved: 'Die Regel ist gesichert.',
  summaryNone: 'Cairn nimmt von selbst keinen auf, außer bevor es in der Zeit zurückgeht.',
  summary: {
    beforeMount: 'bevor eine Maschine schreibt',
    beforeDelete: 'bevor ein Ordner gelöscht wird',
    at: (period, time) => `${lower(period)} ab ${time}`,
    every: (period) => lower(period),
    taken: (list) => `Aufgenommen ${list}.`,
    keepAll: 'Alle bleiben.',
    keep: (list) => `Es bleiben: ${list}.`,
    last: (n) => (n === 1 ? 'der neueste' : `die neuesten ${n}`),
    hourly: (n) => (n === 1 ? 'einer für eine Stunde' : `je einer für ${n} Stunden`),
    daily: (n) => (n === 1 ? 'einer für einen Tag' : `je einer für ${n} Tage`),
    weekly: (n) => (n === 1 ? 'einer für eine Woche' : `je einer für ${n} Wochen`),
    monthly: (n) => (n === 1 ? 'einer für einen Monat' : `je einer für ${n} Monate`),
  },
};

/** Within a sentence; nouns keep their capitals. */
function lower(period: string): string {
  return period.charAt(0).toLowerCase() + period.slice(1);
}
