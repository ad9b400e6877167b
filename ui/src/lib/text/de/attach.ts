/** Texte von Maschinen, die jemand anderes startet, und von Volumes, die auf Maschinen gezogen werden. */
import type { Messages } from '../en';

export const attach: Messages['attach'] = {
  action: 'Laufende Maschine anschließen …',
  title: 'Maschine anschließen',
  body: 'Auch ein QEMU, das jemand anderes gestartet hat, kann Volumes haben. Cairn startet und beendet es nie.',
  found: 'Läuft auf diesem Rechner',
  looking: 'Wird gesucht …',
  again: 'Noch einmal suchen',
  nothing: 'Auf diesem Rechner läuft kein QEMU.',
  unnamed: (pid) => (pid === null ? 'QEMU' : `QEMU ${pid}`),
  pid: (pid) => `Prozess ${pid}`,
  known: (name) => `Hier heißt sie „${name}“.`,
  choose: 'Auswählen',
  chooseLabel: (name) => `${name} auswählen`,
  libvirt: 'libvirt',
  byLibvirt: (domain, uri) => `Die Domain „${domain}“ von ${uri}, über libvirt.`,
  bySocket: 'Stattdessen einen Socket eingeben',
  socket: 'QMP-Socket',
  socketHint: 'Wie ihr QEMU es weiß: -qmp unix:PFAD,server=on,wait=off',
  socketEmpty: 'Wählen Sie eine Maschine, oder geben Sie den Pfad ihres QMP-Sockets ein.',
  socketRelative: 'Der Pfad des Sockets muss mit „/“ beginnen.',
  agent: 'Socket des Gast-Agenten',
  agentHint: 'Leer lassen: wie ihr QEMU sagt',
  name: 'Name der Maschine hier',
  suggestion: 'Maschine',
  submit: 'Anschließen',
  done: (name) => `„${name}“ ist angeschlossen.`,
  attached: (socket) => `angeschlossen über ${socket}`,
  somebodyElses: 'Von jemand anderem gestartet',
  detach: 'Abmelden',
  detached: (name) => `„${name}“ ist abgemeldet und läuft weiter.`,
  doctor: 'Was geht?',
  doctorTitle: (name) => `Was in „${name}“ geht`,
  doctorBody: 'Was Cairn von einer Maschine braucht, und was zu tun ist, wo etwas fehlt.',
  paste: 'Kopieren',
  pasted: 'Kopiert.',
};

export const volumeDrag: Messages['volumeDrag'] = {
  over: (volume, vm) => `${volume} in ${vm} einhängen`,
  none: (volume) => `${volume} auf eine laufende Maschine ziehen, um es einzuhängen`,
};
