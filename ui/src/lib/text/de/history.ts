/** German texts of what differs, of a file's history, and of going back and deleting with the plan in view. */
import type { Messages } from '../en';
import { checkpoints, items, plural } from './words';

const layers = (count: number) => plural(count, 'Schicht', 'Schichten');

export const diff: Messages['diff'] = {
  pane: 'Was sich unterscheidet',
  now: 'Jetzt',
  back: 'Zurück zur Zeitleiste',
  title: (from, to) => `Von „${from}“ bis ${to}`,
  theNow: 'jetzt',
  action: 'Mit jetzt vergleichen',
  mark: (name) => `„${name}“ zum Vergleichen auswählen`,
  marked: (one) =>
    `„${one}“ ist ausgewählt. Wählen Sie einen zweiten, oder vergleichen Sie mit jetzt.`,
  markedTwo: (one, other) => `„${one}“ und „${other}“`,
  compare: 'Vergleichen',
  clear: 'Auswahl aufheben',
  counts: 'Nur zeigen',
  all: 'Alle',
  kinds: { added: 'Neu', removed: 'Weg', changed: 'Geändert', renamed: 'Umbenannt' },
  metadata: 'nur Rechte, Besitzer oder Zeiten',
  bothChanged: 'auch geändert',
  filter: 'Nach Pfad filtern',
  list: 'Dateien und Ordner, die sich unterscheiden',
  from: (path) => `war ${path}`,
  sizes: (before, after) => `${before} → ${after}`,
  none: 'Kein Unterschied',
  noneBody: 'Jede Datei und jeder Ordner ist in beiden gleich.',
  noneMatch: 'Nichts von dieser Art',
  noneMatchBody: 'Zeigen Sie alle Arten, oder leeren Sie den Filter.',
  showAll: 'Alle zeigen',
  truncated: (shown, all) =>
    `Die ersten ${shown.toLocaleString('de')} von ${items(all)} sind aufgelistet.`,
  total: (count) => (count === 1 ? '1 Unterschied' : `${count.toLocaleString('de')} Unterschiede`),
  failedTitle: 'Die beiden können nicht verglichen werden',
  working: 'Wird verglichen …',
  history: 'Geschichte …',
  putBack: (name) => `Zurückholen wie in „${name}“`,
  putBackTitle: (file, name) => `„${file}“ zurückholen, wie es in „${name}“ war?`,
  putBackBody:
    'Es kommt dorthin, wo es war, und ersetzt, was jetzt so heißt. Sonst ändert sich nichts.',
  download: (name) => `Herunterladen wie in „${name}“`,
  downloadNow: 'Herunterladen, wie es jetzt ist',
  show: (name) => `In „${name}“ zeigen`,
  showNow: 'Zeigen, wie es jetzt ist',
};

export const history: Messages['history'] = {
  action: 'Geschichte …',
  title: (name) => `Geschichte von „${name}“`,
  body: 'Jede Fassung, die ein Checkpoint hat, die neueste zuerst. Gleicher Inhalt steht nur einmal da.',
  list: 'Fassungen',
  kinds: {
    created: 'Angelegt',
    changed: 'Geändert',
    deleted: 'Gelöscht',
    recreated: 'Wieder angelegt',
  },
  present: 'Wie es jetzt ist',
  deletedNow: 'Jetzt ist es nicht da',
  elsewhere: 'Seitdem zurückgegangen',
  elsewhereHint:
    'Die Gegenwart ist nicht aus dieser Fassung gewachsen: jemand ist seitdem zurückgegangen.',
  since: (name) => `zuerst in „${name}“`,
  sinceNow: 'seit dem letzten Checkpoint',
  gone: (name) => `nicht mehr in „${name}“`,
  putBack: 'Zurückholen',
  putBackLabel: (when) => `Die Fassung von ${when} zurückholen`,
  downloadLabel: (when) => `Die Fassung von ${when} herunterladen`,
  empty: 'Keine Fassung davon ist bekannt',
  emptyBody: 'Kein Checkpoint hat etwas unter diesem Pfad.',
  held: 'Eine Maschine schreibt auf dieses Volume: was neuer ist als der letzte Checkpoint, ist hier nicht zu sehen.',
  failedTitle: 'Die Geschichte kann nicht gelesen werden',
  putBackDone: (name) => `„${name}“ wird zurückgeholt.`,
  lookFor: (name) => `„${name}“ in den Checkpoints suchen`,
};

export const restorePreview: Messages['restorePreview'] = {
  working: 'Es wird nachgesehen, was sich ändert …',
  label: 'Was sich ändert',
  same: 'Keine Datei ist anders als jetzt.',
  failed: 'Was sich ändert, lässt sich jetzt nicht sagen.',
  kinds: {
    added: 'kommt wieder',
    removed: 'verschwindet',
    changed: 'wird, was es war',
    renamed: 'bekommt seinen alten Namen',
  },
  counts: {
    added: (n) => `${items(n)} ${n === 1 ? 'kommt' : 'kommen'} wieder`,
    removed: (n) => `${items(n)} ${n === 1 ? 'verschwindet' : 'verschwinden'}`,
    changed: (n) => (n === 1 ? '1 Objekt wird, was es war' : `${items(n)} werden, was sie waren`),
    renamed: (n) =>
      n === 1 ? '1 Objekt bekommt seinen alten Namen' : `${items(n)} bekommen ihre alten Namen`,
  },
  truncated: (count) => `und ${items(count)} mehr`,
};

export const deletion: Messages['deletion'] = {
  working: 'Der Plan wird gemacht …',
  failed: 'Es kann jetzt nicht gelöscht werden',
  nowLabel: 'Sofort frei',
  laterLabel: 'Später',
  writtenLabel: 'Zu schreiben',
  laterHint: 'Sobald keine Maschine die Schichten offen hat.',
  steps: 'Was auf der Festplatte geschieht',
  removed: (count) =>
    `${layers(count)} ${count === 1 ? 'verschwindet' : 'verschwinden'} ganz: nichts baut darauf auf.`,
  into: (name) => `die von „${name}“`,
  intoPresent: 'die Gegenwart',
  intoOther: 'eine, auf der andere aufbauen',
  merge: (count, into) =>
    `${count === 1 ? 'Eine Schicht wird' : `${layers(count)} werden`} verschmolzen in ${into}`,
  mergeNow: (written) => `: ${written} zu schreiben.`,
  mergeLater: ', sobald keine Maschine sie offen hat.',
  mergeShared: ', sobald kein anderes Volume sie teilt.',
  nothing: 'Nichts muss bewegt werden; nur der Name verschwindet.',
  submit: 'Löschen',
  freed: (name, now) => `„${name}“ ist gelöscht. ${now} sind wieder frei.`,
  freedLater: (name, later) =>
    `„${name}“ ist gelöscht. ${later} werden frei, wenn keine Maschine seine Schichten mehr offen hat.`,
  done: (name) => `„${name}“ ist gelöscht.`,
  pruneTitle: 'Automatische Checkpoints ausdünnen?',
  pruneBody: (count) =>
    `Die Regel des Volumes behält ${count === 1 ? 'diesen' : 'diese'} nicht. Checkpoints, die Sie selbst gemacht haben, bleiben immer.`,
  pruneNothing: 'Es gibt nichts auszudünnen',
  pruneNothingBody:
    'Jeder Checkpoint wird nach der Regel des Volumes behalten oder ist von Ihnen. Ausgedünnt werden nur automatische, die die Regel nicht behält.',
  pruneSubmit: (count) => `${checkpoints(count)} löschen`,
  changeRule: 'Regel ändern …',
  pruneList: 'Checkpoints, die verschwinden',
  pruned: (count) => `${checkpoints(count)} ${count === 1 ? 'ist' : 'sind'} gelöscht.`,
};

export const group: Messages['group'] = {
  action: 'Checkpoint mehrerer Volumes …',
  vmAction: 'Checkpoint ihrer Volumes …',
  title: 'Checkpoint mehrerer Volumes',
  body: 'Alle im selben Moment, unter einem Namen: was zusammengehört, bleibt zusammen. Geht einer nicht, entsteht keiner.',
  volumes: 'Volumes',
  name: 'Name',
  namePlaceholder: 'Aus der Zeit gemacht',
  nameHint: 'Keines der Volumes darf schon einen Checkpoint dieses Namens haben.',
  submit: (count) => (count < 2 ? 'Checkpoint aufnehmen' : `${checkpoints(count)} aufnehmen`),
  writtenIn: (vm) => `${vm} schreibt darauf und hält einen Moment inne`,
  idle: 'nicht in Benutzung',
  twoMachines:
    'Verschiedene Maschinen schreiben darauf, die nicht im selben Moment innehalten können.',
  none: 'Wählen Sie mindestens ein Volume.',
  done: (name, count) => `„${name}“ ist aufgenommen, von ${plural(count, 'Volume', 'Volumes')}.`,
};
