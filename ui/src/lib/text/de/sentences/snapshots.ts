/** The engine's sentences of how machines start and end, and of snapshots, in German. */
import type { Sentences } from '../../sentences';

export const snapshots: Sentences = {
  'look at the image': 'das Abbild anzusehen',
  "read the store's machines": 'die Maschinen des Speichers zu lesen',
  'The machine {id} cannot be used. {error}':
    'Die Maschine {id} kann nicht benutzt werden. {error?}',
  "read the machine's record": 'zu lesen, was von der Maschine aufgezeichnet ist',
  '{} cannot be understood: {e}.': '{} ist nicht zu verstehen: {e}.',
  "Delete the machine's folder; volumes are not in it.":
    'Löschen Sie den Ordner der Maschine; Volumes sind nicht darin.',
  '{} belongs to {}.': '{0} gehört zu {1}.',
  "make the machine's folder": 'den Ordner der Maschine anzulegen',
  "delete the machine's folder": 'den Ordner der Maschine zu löschen',
  "write the machine's record": 'aufzuzeichnen, was von der Maschine bekannt ist',
  "There is no machine '{vm}'.": 'Es gibt keine Maschine „{vm}“.',
  'Look at the list of machines for its name or id.':
    'In der Liste der Maschinen stehen Namen und Kennungen.',
  "The session disk {} of the machine '{}' is missing.":
    'Der eigene Datenträger {0} der Maschine „{1}“ fehlt.',
  'Put it back from a backup, or create the machine anew.':
    'Holen Sie ihn aus einer Sicherung zurück, oder legen Sie die Maschine neu an.',
  'make a session disk': 'einen eigenen Datenträger anzulegen',
  'Put the image back to where it was.': 'Bringen Sie das Abbild dorthin zurück, wo es war.',
  'The image {} has been changed since something was put on top of it.':
    'Das Abbild {} wurde geändert, nachdem etwas darauf gesetzt wurde.',
  'Put the image back as it was; with another one below it, the disk would make no sense.':
    'Stellen Sie das Abbild wieder her, wie es war; über einem anderen ergäbe der Datenträger keinen Sinn.',
  "start the machine '{}'": 'die Maschine „{}“ zu starten',
  "The machine '{}' did not shut down and is stopped by force.":
    'Die Maschine „{}“ ist nicht heruntergefahren und wird hart ausgeschaltet.',
  "The machine '{}' has no disk of its own to make a snapshot of.":
    'Die Maschine „{}“ hat keinen eigenen Datenträger, von dem ein Snapshot aufgenommen werden könnte.',
  'Keep what matters on a volume.': 'Bewahren Sie Wichtiges auf einem Volume auf.',
  "ask the machine '{}'": 'die Maschine „{}“ zu fragen',
  'it is being tidied up': 'es wird gerade aufgeräumt',
  "The snapshot '{}' is what {} on.": 'Auf dem Snapshot „{0}“ bauen auf: {1?}.',
  'Delete what stands on it first, or stop a machine whose session disk does.':
    'Löschen Sie zuerst, was darauf aufbaut, oder halten Sie eine Maschine an, deren Datenträger es tut.',
  "the machine '{}'": 'die Maschine „{}“',
  "the snapshot '{}'": 'der Snapshot „{}“',
  '{} and {last} stand': '{0?} und {last?}',
  'nothing stands': 'nichts',
  'delete the snapshot': 'den Snapshot zu löschen',
  "An earlier snapshot of the machine '{}' is not finished.":
    'Ein früherer Snapshot der Maschine „{}“ ist nicht fertig.',
  'Look into the notices, or stop the machine.':
    'Sehen Sie in die Meldungen, oder halten Sie die Maschine an.',
  "The machine '{}' cannot be reached.": 'Die Maschine „{}“ ist nicht zu erreichen.',
  "make a snapshot's id": 'eine Kennung für den Snapshot zu machen',
  "take a snapshot of '{}'": 'einen Snapshot von „{}“ aufzunehmen',
  'remove an overlay that is not needed': 'ein überflüssiges Overlay zu entfernen',
  "A snapshot of the machine '{}' could not be finished or undone.":
    'Ein Snapshot der Maschine „{}“ konnte weder abgeschlossen noch zurückgenommen werden.',
  "The machine '{name}' has no disk of its own.":
    'Die Maschine „{name}“ hat keinen eigenen Datenträger.',
  'What is to be kept belongs on a volume.': 'Was bleiben soll, gehört auf ein Volume.',
  "The machine '{name}' has no session disk now: it is not running.":
    'Die Maschine „{name}“ hat gerade keinen eigenen Datenträger: sie läuft nicht.',
  "make the snapshot's folder": 'den Ordner des Snapshots anzulegen',
  'make the session disk a snapshot': 'aus dem eigenen Datenträger einen Snapshot zu machen',
  'write the snapshot to the disk': 'den Snapshot auf die Platte zu schreiben',
  'give the snapshot its place': 'den Snapshot an seinen Ort zu bringen',
  "There is a snapshot '{name}' already.": 'Einen Snapshot „{name}“ gibt es schon.',
  'make a name from the time': 'aus der Zeit einen Namen zu machen',
  "write the snapshot's record": 'aufzuzeichnen, was vom Snapshot bekannt ist',
  "read the snapshot's record": 'zu lesen, was vom Snapshot aufgezeichnet ist',
  'Put it back from a backup; its disk is beside it.':
    'Holen Sie es aus einer Sicherung zurück; sein Datenträger liegt daneben.',
  "read the store's snapshots": 'die Snapshots des Speichers zu lesen',
  "There is no snapshot '{snapshot}'.": 'Es gibt keinen Snapshot „{snapshot}“.',
  'Look at the list of snapshots for its name or id.':
    'In der Liste der Snapshots stehen Namen und Kennungen.',
};
