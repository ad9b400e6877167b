/** Was die Engine ablehnt: was geschehen ist und was man tun kann. */
import type { Refusals } from '../en/refusals';

export const refusals: Refusals = {
  'invalid-input': {
    what: 'Diese Eingabe ist so nicht möglich.',
    todo: 'Ändern Sie die Angaben und versuchen Sie es noch einmal.',
  },
  'not-found': {
    what: 'Das gibt es hier nicht oder nicht mehr.',
    todo: 'Prüfen Sie Namen und Pfad; vielleicht wurde es inzwischen umbenannt oder gelöscht.',
  },
  'already-exists': {
    what: 'Das gibt es schon.',
    todo: 'Wählen Sie einen anderen Namen oder Ort, oder entfernen Sie zuerst, was dort ist.',
  },
  'in-use': {
    what: 'Das wird gerade von etwas anderem benutzt.',
    todo: 'Hängen Sie das Volume aus oder warten Sie, bis der andere Vorgang fertig ist.',
  },
  'no-space': {
    what: 'Der Platz reicht nicht.',
    todo: 'Vergrößern Sie das Volume oder schaffen Sie Platz.',
  },
  conflict: {
    what: 'So, wie es gerade steht, geht das nicht.',
    todo: 'Was zuerst geschehen muss, steht darunter.',
  },
  unsupported: {
    what: 'Das kann Cairn nicht.',
    todo: 'Was stattdessen geht, steht darunter.',
  },
  missing: {
    what: 'Ein Programm, das Cairn dafür braucht, fehlt oder ist zu alt.',
    todo: 'Installieren Sie es und versuchen Sie es noch einmal. „Über Cairn“ zeigt, was gefunden wurde.',
  },
  guest: {
    what: 'Die Maschine hat nicht getan, worum sie gebeten wurde.',
    todo: 'Sehen Sie in ihrer Konsole nach oder starten Sie sie neu.',
  },
  timeout: {
    what: 'Es hat zu lange gedauert.',
    todo: 'Versuchen Sie es noch einmal; ist der Rechner beschäftigt, etwas später.',
  },
  cancelled: {
    what: 'Es wurde abgebrochen.',
    todo: 'Beginnen Sie von vorn, wenn Sie es doch wollen.',
  },
  corrupt: {
    what: 'Etwas auf der Platte ist beschädigt.',
    todo: 'Gehen Sie zu einem Checkpoint von vorher zurück und bewahren Sie bis dahin alles auf.',
  },
  io: {
    what: 'Lesen oder Schreiben ist fehlgeschlagen.',
    todo: 'Woran es lag, steht darunter. Versuchen Sie es danach noch einmal.',
  },
  unauthorized: {
    what: 'Dieser Schlüssel gilt hier nicht.',
    todo: 'Geben Sie den Schlüssel ein, den „cairn serve“ ausgegeben hat.',
  },
  internal: {
    what: 'In Cairn selbst ist etwas schiefgegangen.',
    todo: 'Versuchen Sie es noch einmal. Bleibt es dabei, hilft „Diagnose kopieren“ im Protokoll.',
  },
};

export const refused = {
  detail: 'Was Cairn dazu sagt',
  both: (what: string, todo: string) => `${what} ${todo}`,
};
