/** Every text of the UI, in German. */
import { attach, volumeDrag } from './de/attach';
import { autostart, log, opening, tour } from './de/desk';
import { exchange, fetch, paste, trash } from './de/exchange';
import { deletion, diff, group, history, restorePreview } from './de/history';
import { look } from './de/look';
import { machines, newMachine, snapshots, terminal } from './de/machines';
import { mount } from './de/mount';
import { palette, settings, shortcuts } from './de/shell';
import { refusals, refused } from './de/refusals';
import { chain, policy, space } from './de/space';
import { branch, timeline } from './de/timeline';
import { unpack, watch } from './de/watch';
import { checkpoints, items, plural } from './de/words';
import type { Messages } from './en';

export const de: Messages = {
  locale: 'de',
  items,
  files: (count) => plural(count, 'Datei', 'Dateien'),
  checkpoints,
  ofTotal: (part, whole) => `${part} von ${whole}`,

  common: {
    cancel: 'Abbrechen',
    clear: 'Leeren',
    close: 'Schließen',
    delete: 'Löschen',
    dismiss: 'Ausblenden',
    more: 'Weitere Aktionen',
    retry: 'Noch einmal versuchen',
    rename: 'Umbenennen',
    loading: 'Wird geladen …',
  },

  time: {
    now: 'gerade eben',
    today: 'Heute',
    yesterday: 'Gestern',
    second: (n) => `${n} s`,
    minute: (n) => `${n} min`,
    hour: (n) => `${n} h`,
    left: (duration) => `noch ${duration}`,
    soon: 'gleich fertig',
  },

  backend: {
    cancelled: 'Es wurde abgebrochen.',
    unreachable: 'Cairn antwortet nicht.',
    unreachableHint:
      'Sehen Sie nach, ob „cairn serve“ noch läuft, und versuchen Sie es noch einmal.',
    refused: (status) => `Cairn hat die Anfrage abgelehnt (HTTP ${status}).`,
    keyHint: 'Geben Sie den Schlüssel ein, den „cairn serve“ ausgegeben hat.',
    andMore: (first, more) => `${first} und ${more} weitere`,
  },

  refusals,
  refused,

  connect: {
    title: 'Mit Cairn verbinden',
    body: 'Geben Sie den Schlüssel ein, den „cairn serve“ beim Start ausgegeben hat. Er bleibt nur in diesem Tab.',
    key: 'Schlüssel',
    submit: 'Verbinden',
    refused:
      'Cairn kennt diesen Schlüssel nicht. Sehen Sie nach, was „cairn serve“ ausgegeben hat, und versuchen Sie es noch einmal.',
    lost: 'Verbindung verloren. Cairn wird wieder gesucht …',
    failedTitle: 'Cairn ist nicht erreichbar',
    inUseTitle: 'Der Speicher ist in Benutzung',
  },

  shell: {
    light: 'Helles Design',
    dark: 'Dunkles Design',
    system: 'Design des Systems',
    machines: 'Maschinen',
    showMachines: 'Maschinen einblenden',
    hideMachines: 'Maschinen ausblenden',
    about: 'Über Cairn',
  },

  about: {
    title: 'Über Cairn',
    tagline: 'Bleibende Volumes für lokale virtuelle Maschinen.',
    version: 'Version',
    store: 'Speicher',
    server: 'API-Server',
    noServer: 'aus',
    checks: 'Ist alles da?',
    ok: 'wie es sein soll',
    bad: 'braucht Aufmerksamkeit',
    licence: 'Lizenziert unter MIT oder Apache-2.0.',
    parts: 'Quelloffene Bestandteile',
    partsBody:
      'Cairn baut unter anderem auf diesen auf. QEMU ist ein eigenes Programm, unter der GPL, Version 2.',
  },

  volumes: {
    title: 'Volumes',
    list: 'Volumes',
    create: 'Neues Volume',
    search: 'Volumes suchen',
    order: 'Volumes sortieren',
    orders: { name: 'Nach Name', used: 'Vollste zuerst', created: 'Neueste zuerst' },
    noneFound: (text) => `Kein Volume heißt so ähnlich wie „${text}“.`,
    none: 'Noch keine Volumes.',
    available: 'Nicht in Benutzung',
    inUse: 'In Benutzung',
    error: 'Braucht Aufmerksamkeit',
    usageLabel: (name) => `Belegter Platz in ${name}`,
    onDisk: (size) => `${size} auf der Festplatte`,
    free: (size) => `${size} frei`,
    mountedIn: (vm) => `In ${vm}`,
    mountedMany: (count) => `In ${plural(count, 'Maschine', 'Maschinen')}`,
    chooseTitle: 'Wählen Sie ein Volume',
    chooseBody: 'Seine Dateien und seine Zeitleiste erscheinen hier.',
    renameHint: 'Dieses Volume umbenennen',
    newName: 'Name des Volumes',
    grow: 'Vergrößern …',
    delete: 'Löschen',
    deleteMounted: (vm) =>
      `${vm} hat dieses Volume. Hängen Sie es zuerst aus; dann kann es gelöscht werden.`,
    deleted: (name) => `„${name}“ ist gelöscht.`,
    created: (name) => `„${name}“ ist bereit. Ziehen Sie Dateien darauf.`,
  },

  newVolume: {
    title: 'Neues Volume',
    body: 'Ein Volume ist ein Datenträger, der die Maschinen überlebt, die ihn benutzen. Platz belegt er erst, wenn Dateien kommen.',
    name: 'Name',
    quota: 'Größe',
    unit: 'Einheit',
    nameHint: 'Sie können es jederzeit umbenennen.',
    hint: 'So viel passt höchstens hinein. Sie können es später vergrößern.',
    submit: 'Volume anlegen',
    afterwards: (count) =>
      `Danach ${count === 1 ? 'wird' : 'werden'} ${items(count)} hineinkopiert.`,
    suggestion: 'daten',
  },

  grow: {
    title: (name) => `„${name}“ vergrößern`,
    body: (quota) => `Es fasst jetzt ${quota}. Ein Volume kann wachsen, aber nicht schrumpfen.`,
    submit: 'Vergrößern',
    label: 'Neue Größe',
    done: (name, quota) => `„${name}“ fasst jetzt ${quota}.`,
  },

  panes: {
    label: 'Was vom Volume zu sehen ist',
    files: 'Dateien',
    timeline: 'Zeitleiste',
    space: 'Platz',
  },

  filesPane: {
    label: 'Dateien',
    path: 'Pfad des Ordners',
    root: 'Oberster Ordner',
    up: 'Einen Ordner höher',
    upload: 'Hinzufügen',
    uploadFiles: 'Dateien …',
    uploadFolders: 'Ordner …',
    newFolder: 'Neuer Ordner',
    newFolderName: 'Name des neuen Ordners',
    untitled: 'Neuer Ordner',
    filter: 'Ordner filtern',
    name: 'Name',
    size: 'Größe',
    modified: 'Geändert',
    sortBy: (column) => `Nach ${column} sortieren`,
    open: 'Öffnen',
    look: 'Ansehen',
    properties: 'Eigenschaften',
    download: 'Herunterladen nach …',
    downloadBrowser: 'Herunterladen',
    renameLabel: (name) => `Neuer Name von ${name}`,
    selected: (count) => `${count.toLocaleString('de')} ausgewählt`,
    clearSelection: 'Auswahl aufheben',
    deleted: (count, first) =>
      count === 1 ? `„${first}“ ist gelöscht.` : `${items(count)} gelöscht.`,
    linkTo: (target) => `Verknüpfung nach ${target}`,
    folder: 'Ordner',
    file: 'Datei',
    link: 'Verknüpfung',
    other: 'Gerätedatei',
    emptyTitle: 'Ziehen Sie Dateien und Ordner hierher',
    emptyBody:
      'Sie werden in dieses Volume kopiert und stehen jeder Maschine bereit, die es einhängt.',
    emptyFolderTitle: 'Dieser Ordner ist leer',
    emptyFolderBody: 'Ziehen Sie Dateien hierher, oder nehmen Sie die Schaltfläche.',
    emptyPastTitle: 'Hier war nichts',
    emptyPastBody: (name) => `Als „${name}“ entstand, war dieser Ordner leer.`,
    noneMatch: (text) => `Nichts in diesem Ordner heißt so ähnlich wie „${text}“.`,
    heldTitle: (vm) => `${vm} schreibt auf dieses Volume`,
    heldBody: (path) =>
      `Es ist unter ${path} eingehängt. Schreiben kann immer nur eine Seite; hängen Sie es aus, um seine Dateien hier zu sehen und zu ändern.`,
    heldTitleUnknown: 'Dieses Volume ist in Benutzung',
    unmount: 'Aushängen',
    heldBrowse: (name) => `In „${name}“ hineinsehen`,
    missingTitle: 'Diesen Ordner gibt es nicht mehr',
    missingBody: 'Er wurde inzwischen umbenannt oder gelöscht.',
    backToTop: 'Zum obersten Ordner',
    failedTitle: 'Die Dateien können nicht aufgelistet werden',
    total: (count, size) => `${items(count)}, ${size} an Dateien`,
    past: (name, when) => `„${name}“, wie es ${when} war`,
    pastReadOnly: 'Nur lesen',
    backToPresent: 'Zurück zur Gegenwart',
    putBack: 'Zurückholen',
    putBackTitle: (count, first) =>
      count === 1
        ? `„${first}“ in die Gegenwart zurückholen?`
        : `${items(count)} in die Gegenwart zurückholen?`,
    putBackBody: (name) =>
      `Alles kommt dorthin, wo es war, als „${name}“ entstand, und ersetzt, was jetzt so heißt. Sonst ändert sich nichts.`,
  },

  drop: {
    into: (count, where) => `${items(count)} nach ${where} kopieren`,
    unknownCount: (where) => `Nach ${where} kopieren`,
    past: 'Checkpoints ändern sich nie. Gehen Sie zurück zur Gegenwart, um Dateien hinzuzufügen.',
    noVolume: 'Ein Volume mit diesen Dateien anlegen',
    conflictTitle: (count, first) =>
      count === 1 ? `„${first}“ ist schon da` : `${items(count)} sind schon da`,
    conflictBody: (where) =>
      `Was soll mit dem geschehen, was in ${where} ebenso heißt? Beim Ersetzen werden Ordner zusammengeführt. Mit „Beide behalten“ bekommt das Neue andere Namen.`,
    replace: 'Ersetzen',
    both: 'Beide behalten',
    skip: 'Überspringen',
  },

  transfers: {
    title: 'Übertragungen',
    running: (count) => `${count.toLocaleString('de')} unterwegs`,
    allDone: 'Alles fertig',
    failed: (count) => `${count.toLocaleString('de')} fehlgeschlagen`,
    andMore: (first: string, count: number) => `${first} und ${count.toLocaleString('de')} weitere`,
    clear: 'Leeren',
    collapse: 'Liste ausblenden',
    expand: 'Liste einblenden',
    pause: (title) => `${title} anhalten`,
    resume: (title) => `${title} fortsetzen`,
    retry: (title) => `${title} erneut versuchen`,
    paused: (progress) => `Angehalten bei ${progress}`,
    resting: 'Angehalten',
    allPaused: (count) => `${count.toLocaleString('de')} angehalten`,
    interrupted: 'Unterbrochen, als Cairn endete. Nichts Halbes ist geblieben.',
    unfinished: (count) => `${count.toLocaleString('de')} unterbrochen`,
    cancel: (title) => `${title} abbrechen`,
    upload: 'nach',
    download: 'aus',
    counting: 'Wird gezählt …',
    queued: 'Wartet, bis es an der Reihe ist',
    cancelled: 'Abgebrochen. Nichts Halbes ist geblieben.',
    done: (files, size, time) => `${files}, ${size} in ${time}`,
    progress: (title) => `Fortschritt von ${title}`,
    unknownVolume: 'einem gelöschten Volume',
    newVolume: 'ein neues Volume',
  },

  machines,
  newMachine,
  terminal,
  snapshots,
  look,
  branch,
  timeline,
  diff,
  history,
  deletion,
  restorePreview,
  group,
  mount,
  space,
  chain,
  policy,
  attach,
  volumeDrag,
  trash,
  exchange,
  fetch,
  paste,
  watch,
  unpack,
  palette,
  shortcuts,
  settings,
  log,
  tour,
  opening,
  autostart,

  toasts: { label: 'Meldungen' },

  welcome: {
    title: 'Datenträger, die Ihre Maschinen überleben',
    body: 'Cairn verwahrt Volumes für lokale virtuelle Maschinen: füllen Sie sie, indem Sie Dateien darauf ziehen, gehen Sie in der Zeit zurück, hängen Sie sie ein, wo Sie sie brauchen.',
    create: 'Das erste Volume anlegen',
    steps: [
      {
        title: 'Volume anlegen',
        body: 'Ein Datenträger mit einem Namen. Er wächst mit den Dateien.',
      },
      { title: 'Dateien darauf ziehen', body: 'Dafür muss keine Maschine laufen.' },
      { title: 'Demo-Maschine starten', body: 'Ein winziges Linux, nach etwa 5 s da.' },
      { title: 'Unter /data einhängen', body: 'Die Dateien sind da, in der Maschine.' },
    ],
  },

  rules: {
    nameEmpty: 'Geben Sie einen Namen.',
    nameTooLong: (bytes) => `Der Name hat ${bytes} Bytes, höchstens 255 sind möglich.`,
    nameDots: 'Ein Name kann nicht „.“ oder „..“ sein.',
    nameSlash: 'Ein Name kann kein „/“ enthalten.',
    nameControl: 'Ein Name kann keine Zeilenumbrüche oder anderen Steuerzeichen enthalten.',
    nameId: 'Das sieht aus wie eine von Cairns eigenen Kennungen. Wählen Sie einen anderen Namen.',
    nameTaken: (name) => `„${name}“ gibt es schon. Wählen Sie einen anderen Namen.`,
    quotaEmpty: 'Geben Sie eine Größe ein.',
    quotaNotNumber: 'Geben Sie die Größe als Zahl ein, zum Beispiel 10.',
    quotaTooSmall: (min) => `Das kleinste Volume hat ${min}.`,
    quotaTooBig: (max) => `Das größte Volume hat ${max}.`,
    quotaShrinks: (now) => `Es hat schon ${now} und kann nicht kleiner werden.`,
    imageEmpty: 'Wählen Sie ein Abbild, zum Beispiel /home/ada/debian-12.qcow2.',
    imageRelative: 'Der Pfad des Abbilds muss mit „/“ beginnen.',
    memoryNotNumber: 'Geben Sie den Arbeitsspeicher als Zahl ein, zum Beispiel 1.',
    memoryTooSmall: (min) => `Die kleinste Maschine hat ${min}.`,
    cpusWrong: (most) => `Geben Sie eine ganze Zahl von 1 bis ${most} ein.`,
    pathEmpty: 'Geben Sie einen Pfad ein, zum Beispiel /data.',
    pathRelative: 'Der Pfad muss mit „/“ beginnen, zum Beispiel /data.',
    pathRoot:
      'Unter „/“ liegen die Dateien der Maschine selbst. Wählen Sie einen Ordner, zum Beispiel /data.',
    pathDots: 'Der Pfad kann „.“ und „..“ nicht als Teil enthalten.',
    pathTaken: (volume) => `„${volume}“ ist dort schon eingehängt. Wählen Sie einen anderen Pfad.`,
  },
};
