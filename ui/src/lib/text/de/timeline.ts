/** German texts of the timeline, and of volumes that begin in it. */
import type { Messages } from '../en';
import { plural } from './words';

export const branch: Messages['branch'] = {
  action: 'Neues Volume von hier …',
  clone: 'Duplizieren …',
  suggestion: (name) => `${name} Kopie`,
  title: (name) => `Neues Volume aus „${name}“`,
  titleNow: (name) => `„${name}“ duplizieren`,
  body: 'Es ist sofort da und belegt keinen Platz, bis eines der beiden sich ändert: sie teilen, was sie gemeinsam haben, und jedes geht seinen eigenen Weg.',
  submit: 'Volume anlegen',
};

export const timeline: Messages['timeline'] = {
  label: 'Checkpoints',
  now: 'Jetzt',
  nowBody: (used) => `${used} belegt`,
  nowFrom: (name) => `wächst aus „${name}“`,
  createLabel: 'Name des neuen Checkpoints',
  createPlaceholder: 'Name für diesen Moment (freiwillig)',
  create: 'Checkpoint jetzt',
  open: 'Checkpoint …',
  automatic: 'automatisch',
  automaticHint:
    'Von Cairn selbst aufgenommen: bevor es in der Zeit zurückging, oder nach der Regel des Volumes.',
  crash: 'absturzkonsistent',
  crashHint: 'Aufgenommen, während eine Maschine schrieb: wie nach einem Stromausfall.',
  current: 'aktuell',
  browse: 'Ansehen',
  browseLabel: (name) => `Die Dateien von „${name}“ ansehen, wie sie waren`,
  restore: 'Zurückgehen …',
  restoreLabel: (name) => `Zurückgehen … zu „${name}“`,
  mount: 'Einhängen …',
  restoreTitle: (name) => `Zu „${name}“ zurückgehen?`,
  restoreBody: (when) =>
    `Die Dateien des Volumes werden, was sie ${when} waren. Nichts geht verloren: die Gegenwart bleibt als automatischer Checkpoint, wenn sie nicht schon einer hat, und Sie können dorthin zurück.`,
  restoreSubmit: 'Zurückgehen',
  restored: (name) =>
    `Das Volume ist wieder bei „${name}“. Was vorher da war, steht noch in der Zeitleiste.`,
  deleteTitle: (name) => `Checkpoint „${name}“ löschen?`,
  deleteBody:
    'Zu diesem Moment kann man dann nicht mehr zurück. Die Gegenwart und die anderen Checkpoints bleiben, wie sie sind.',
  created: (name) => `Der Checkpoint „${name}“ ist aufgenommen.`,
  emptyTitle: 'Noch kein Checkpoint',
  emptyBody:
    'Ein Checkpoint hält genau diesen Moment fest. Er braucht keine Zeit und kaum Platz, und Sie können zurück, wann immer Sie wollen.',
  graph: (count) =>
    `Zeitleiste mit ${plural(count, 'Checkpoint', 'Checkpoints')}, die neuesten zuerst`,
  branch: (name) => `zweigt von „${name}“ ab`,
  unchanged: 'nichts geändert',
  changes: {
    added: (n) => `${n.toLocaleString('de')} neu`,
    removed: (n) => `${n.toLocaleString('de')} entfernt`,
    changed: (n) => `${n.toLocaleString('de')} geändert`,
    renamed: (n) => `${n.toLocaleString('de')} umbenannt`,
  },
  changed: (counts, names) => `${counts}: ${names}`,
  failedTitle: 'Die Checkpoints können nicht gelesen werden',
};
