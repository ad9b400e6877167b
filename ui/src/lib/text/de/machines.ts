/** German texts of machines, of making them, of their consoles and snapshots. */
import type { Messages } from '../en';
import { plural } from './words';

export const machines: Messages['machines'] = {
  title: 'Maschinen',
  addMenu: 'Maschine hinzufügen',
  demo: 'Demo-Maschine starten',
  failedTitle: 'Die Maschinen können nicht aufgelistet werden',
  demoBody:
    'Ein winziges Linux, das mit Cairn kommt. Es startet in etwa 5 s und zeigt Ihr Volume von innen.',
  emptyTitle: 'Noch keine Maschine',
  starting: (seconds) => `Startet, meist etwa 5 s … ${seconds} s`,
  startingLong: (seconds) => `Startet noch … ${seconds} s`,
  stopping: 'Wird angehalten …',
  states: {
    stopped: 'Aus',
    creating: 'Startet',
    active: 'Läuft',
    stopping: 'Hält an',
    error: 'Fehler',
  },
  facts: (memory, cpus) => `${memory}, ${plural(cpus, 'CPU', 'CPUs')}`,
  kvm: 'KVM: der Prozessor dieses Computers führt sie unmittelbar aus.',
  tcg: 'TCG: nachgebildet, weil KVM hier keinen Gast ausführt. Langsamer, sonst gleich.',
  from: (image) => `Startet von ${image}`,
  kept: 'Datenträger bleibt',
  keptHint:
    'Was die Maschine auf ihren eigenen Datenträger schreibt, ist beim nächsten Start wieder da.',
  discarded: 'jedes Mal frisch',
  discardedHint:
    'Was die Maschine auf ihren eigenen Datenträger schreibt, vergeht, wenn sie anhält. Volumes bleiben.',
  console: 'Konsole',
  mount: 'Einhängen …',
  noMounts: 'Nichts ist eingehängt.',
  start: 'Starten',
  stop: 'Anhalten',
  restart: 'Neu starten',
  forceStop: 'Hart ausschalten …',
  delete: 'Löschen …',
  stopTitle: (name) => `„${name}“ anhalten?`,
  stopBody: (count) =>
    `${plural(count, 'Volume wird', 'Volumes werden')} zuerst ausgehängt, damit nichts verloren geht.`,
  restartTitle: (name) => `„${name}“ neu starten?`,
  forceTitle: (name) => `Bei „${name}“ den Stecker ziehen?`,
  forceBody:
    'Was die Programme noch nicht geschrieben haben, ist verloren, wie bei einem Stromausfall.',
  forceSubmit: 'Hart ausschalten',
  busyTitle: (path: string) => `„${path}“ mit Gewalt wegnehmen?`,
  busyBody: (why: string) => `${why} Was noch nicht geschrieben ist, geht dann verloren.`,
  unmountByForce: 'Mit Gewalt aushängen',
  deleteTitle: (name) => `Maschine „${name}“ löschen?`,
  deleteBody: 'Die Maschine verschwindet. Volumes, die sie benutzt hat, bleiben, wie sie sind.',
  deleteKeptBody: (size) =>
    `Die Maschine verschwindet, und mit ihr ihr eigener Datenträger mit ${size}. Volumes, die sie benutzt hat, bleiben, wie sie sind.`,
  rw: 'lesen und schreiben',
  ro: 'nur lesen',
  mountStates: {
    attaching: 'wird eingehängt …',
    attached: 'eingehängt',
    detaching: 'wird ausgehängt …',
    error: 'fehlgeschlagen',
  },
  unmountLabel: (volume, path) => `${volume} von ${path} aushängen`,
  traffic: (read, written) => `Liest ${read}, schreibt ${written}`,
  openVolume: (volume) => `${volume} zeigen`,
};

export const newMachine: Messages['newMachine'] = {
  action: 'Neue Maschine …',
  title: 'Neue Maschine',
  body: 'Eine Maschine startet von einem Abbild, das nie beschrieben wird: was sie schreibt, kommt auf einen eigenen Datenträger darüber.',
  name: 'Name',
  suggestion: 'maschine',
  source: 'Starten von',
  image: 'Einem Abbild',
  snapshot: 'Einem Snapshot',
  imagePath: 'Abbild-Datei',
  imageHint: 'qcow2, raw oder ISO, auf dem Computer, auf dem Cairn läuft.',
  choose: 'Wählen …',
  memory: 'Arbeitsspeicher',
  cpus: 'CPUs',
  more: 'Weitere Einstellungen',
  firmware: 'Firmware',
  bios: 'BIOS',
  uefi: 'UEFI',
  keep: 'Eigenen Datenträger beim Anhalten behalten',
  keepHint: 'Ausgeschaltet ist jeder Start so frisch wie der erste.',
  network: 'Netzwerk',
  networkHint: 'Der Gast erreicht, was dieser Computer erreicht; den Gast erreicht niemand.',
  agent: 'Im Gast läuft der QEMU Guest Agent',
  agentHint:
    'Ein Start wartet auf ihn, und Cairn hängt mit ihm ein. Ohne ihn hängen Sie im Gast selbst ein.',
  start: 'Jetzt starten',
  startHint: 'In der Konsole können Sie zusehen.',
  submit: 'Maschine anlegen',
  done: (name) => `„${name}“ ist da. Starten Sie sie, wann Sie möchten.`,
};

export const terminal: Messages['terminal'] = {
  title: (vm) => `Konsole von „${vm}“`,
  label: 'Was die Maschine ausgibt',
  input: 'In die Konsole tippen',
  hint: 'Was Sie tippen, geht an die Maschine. Strg+] führt hinaus.',
  stopped: 'Die Maschine läuft nicht. Das hat sie zuletzt ausgegeben.',
  nothing: 'Sie hat noch nichts ausgegeben.',
  copy: 'Alles kopieren',
  copied: 'Was die Konsole zeigt, ist in der Zwischenablage.',
};

export const snapshots: Messages['snapshots'] = {
  title: 'Snapshots',
  action: 'Snapshots …',
  body: 'Der eigene Datenträger einer Maschine zu einem Zeitpunkt: ein Abbild, von dem beliebig viele andere starten können.',
  take: 'Snapshot …',
  takeTitle: (vm) => `Snapshot von „${vm}“`,
  takeBody:
    'Ihr eigener Datenträger, wie er jetzt ist, wird zu einem Abbild, von dem andere Maschinen starten können. Die Maschine läuft weiter. Volumes gehören nicht dazu; sie haben Checkpoints.',
  name: 'Name',
  namePlaceholder: 'Aus dem Namen der Maschine und der Zeit',
  submit: 'Snapshot aufnehmen',
  done: (name) => `Der Snapshot „${name}“ ist aufgenommen.`,
  emptyTitle: 'Noch kein Snapshot',
  emptyBody: 'Nehmen Sie einen auf, im Menü einer Maschine, die aus einem Abbild entstanden ist.',
  of: (vm, when) => `von ${vm}, ${when}`,
  size: (size) => `${size} auf der Festplatte`,
  usedBy: (count) =>
    `${plural(count, 'Maschine oder Snapshot baut', 'Maschinen und Snapshots bauen')} darauf auf`,
  crash: 'absturzkonsistent',
  crashHint:
    'Aufgenommen, während die Maschine lief und nicht um eine Pause gebeten werden konnte: wie nach einem Stromausfall.',
  boot: 'Neue Maschine daraus …',
  bootLabel: (name) => `Neue Maschine aus „${name}“`,
  deleteLabel: (name) => `Snapshot „${name}“ löschen`,
  deleteTitle: (name) => `Snapshot „${name}“ löschen?`,
  deleteBody: 'Keine neue Maschine kann mehr davon starten.',
  deleted: (name) => `Der Snapshot „${name}“ ist gelöscht.`,
};
