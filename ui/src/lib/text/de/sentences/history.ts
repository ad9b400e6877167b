/** The engine's sentences of histories: checkpoints of several volumes, merging, optimising, in German. */
import type { Sentences } from '../../sentences';

export const history: Sentences = {
  'share the layer': 'die Schicht zu teilen',
  "make a layer's id": 'eine Kennung für die Schicht zu machen',
  "make a checkpoint's id": 'eine Kennung für den Checkpoint zu machen',
  'it is going back to a checkpoint': 'es geht gerade zu einem Checkpoint zurück',
  'The checkpoint was not taken, because the volume has changed meanwhile.':
    'Der Checkpoint wurde nicht aufgenommen, weil sich das Volume inzwischen geändert hat.',
  'Try again.': 'Versuchen Sie es noch einmal.',
  "The volume '{}' has no checkpoint yet.": 'Das Volume „{}“ hat noch keinen Checkpoint.',
  'Take a checkpoint first.': 'Nehmen Sie zuerst einen Checkpoint auf.',
  "The volume '{}' has no checkpoint '{checkpoint}'.":
    'Das Volume „{}“ hat keinen Checkpoint „{checkpoint}“.',
  'Look at the list of its checkpoints for a name or id.':
    'In der Liste seiner Checkpoints stehen Namen und Kennungen.',
  "The volume '{}' has a checkpoint '{name}' already.":
    'Das Volume „{}“ hat schon einen Checkpoint „{name}“.',
  'Choose another name.': 'Wählen Sie einen anderen Namen.',
  'write the time': 'die Zeit aufzuschreiben',
  'nobody waits for it any more': 'niemand wartet mehr darauf',
  'compare the layers': 'die Schichten zu vergleichen',
  "open the volume's filesystem": 'das Dateisystem des Volumes zu öffnen',
  'compare the two states of the volume': 'die beiden Stände des Volumes zu vergleichen',
  "make a group's id": 'eine Kennung für die Gruppe zu machen',
  'There is no volume to take a checkpoint of.':
    'Es gibt kein Volume, von dem ein Checkpoint aufgenommen werden könnte.',
  'Name volumes, or a machine that has some mounted to write.':
    'Nennen Sie Volumes, oder eine Maschine, in der welche zum Schreiben eingehängt sind.',
  'take checkpoints of what the machine writes':
    'Checkpoints von dem aufzunehmen, was die Maschine schreibt',
  'record that checkpoints are being taken': 'festzuhalten, dass Checkpoints aufgenommen werden',
  'The machine has ended meanwhile.': 'Die Maschine hat inzwischen geendet.',
  'Different machines write these volumes, so there is no one moment for them.':
    'Verschiedene Maschinen schreiben auf diese Volumes; einen gemeinsamen Moment gibt es für sie nicht.',
  "Take the checkpoints of each machine's volumes for themselves.":
    'Nehmen Sie die Checkpoints für die Volumes jeder Maschine einzeln auf.',
  'A checkpoint was not taken, because the volume has changed meanwhile.':
    'Ein Checkpoint wurde nicht aufgenommen, weil sich das Volume inzwischen geändert hat.',
  'finish checkpoints': 'Checkpoints abzuschließen',
  'look at a layer': 'eine Schicht anzusehen',
  'look at a checkpoint': 'einen Checkpoint anzusehen',
  'its layer is not in the chain': 'seine Schicht ist nicht in der Kette',
  'layers of deleted checkpoints are being merged':
    'Schichten gelöschter Checkpoints werden gerade verschmolzen',
  'The layers that are being merged are needed for something else.':
    'Die Schichten, die verschmolzen werden, werden für etwas anderes gebraucht.',
  'look at the layers that are to be merged': 'die zu verschmelzenden Schichten anzusehen',
  'ask for free space': 'nach dem freien Platz zu fragen',
  "Merging layers takes {needed} on this computer's disk for a while.":
    'Schichten zu verschmelzen braucht vorübergehend {needed?} auf der Festplatte dieses Computers.',
  'Free some space, then delete another checkpoint or open the store again.':
    'Schaffen Sie Platz, und löschen Sie dann noch einen Checkpoint oder öffnen Sie den Speicher neu.',
  'merge layers': 'Schichten zu verschmelzen',
  'put the merged layer in its place': 'die verschmolzene Schicht an ihren Ort zu bringen',
  'The layer {} is missing, whose merge was interrupted.':
    'Die Schicht {} fehlt, deren Verschmelzen unterbrochen wurde.',
  'Put it back from a backup.': 'Holen Sie sie aus einer Sicherung zurück.',
  'name the merged layer': 'die verschmolzene Schicht zu benennen',
  'let the machine merge layers': 'die Maschine Schichten verschmelzen zu lassen',
  "The machine that writes '{}' could not merge layers: {reason}.":
    'Die Maschine, die auf „{}“ schreibt, konnte Schichten nicht verschmelzen: {reason?}.',
  'They are merged when the volume is unmounted.':
    'Sie werden verschmolzen, wenn das Volume ausgehängt wird.',
  'ask the machine what it has merged': 'die Maschine zu fragen, was sie verschmolzen hat',
  'write the merged layer to the disk': 'die verschmolzene Schicht auf die Platte zu schreiben',
  'put a layer back that was being merged': 'eine Schicht zurückzulegen, die verschmolzen wurde',
  'The layers that were being merged are not in the volume.':
    'Die Schichten, die verschmolzen wurden, sind nicht im Volume.',
  'look at a layer that was being merged': 'eine Schicht anzusehen, die verschmolzen wurde',
  "The optimiser is switched off for the volume '{}'.":
    'Der Optimierer ist für das Volume „{}“ ausgeschaltet.',
  'Switch it on for this volume first.': 'Schalten Sie ihn für dieses Volume zuerst ein.',
  'It goes on by itself later.': 'Er macht später von selbst weiter.',
  'Its layers are being changed.': 'Seine Schichten werden gerade geändert.',
  'The machine that writes the volume cannot be reached.':
    'Die Maschine, die auf das Volume schreibt, ist nicht zu erreichen.',
  'Switch the optimiser on for this volume (`cairn volume chain VOLUME --optimiser on`), or delete checkpoints.':
    'Schalten Sie den Optimierer für dieses Volume ein (`cairn volume chain VOLUME --optimiser on`), oder löschen Sie Checkpoints.',
  'its optimiser is switched off': 'sein Optimierer ist ausgeschaltet',
  'it cannot be made shorter now: {reason}':
    'sie kann jetzt nicht kürzer gemacht werden: {reason?}',
  "The chain of the volume '{name}' has {files} files, too many for a machine, and {why}":
    'Die Kette des Volumes „{name}“ hat {files} Dateien, zu viele für eine Maschine, und {why?}',
  'it has grown just now; try again': 'sie ist gerade gewachsen; versuchen Sie es noch einmal',
  "The machine reads the volume '{}' through {files} files; it does not survive many more, so that no further checkpoint is taken while it writes.":
    'Die Maschine liest das Volume „{}“ durch {files} Dateien; viel mehr übersteht sie nicht, darum wird kein weiterer Checkpoint aufgenommen, solange sie schreibt.',
  'The optimiser makes the chain shorter; try again soon.':
    'Der Optimierer macht die Kette kürzer; versuchen Sie es bald noch einmal.',
  "A base needs {needed} on this computer's disk; {} are free.":
    'Eine Basis braucht {needed?} auf der Festplatte dieses Computers; {0?} sind frei.',
  'The volume is being read.': 'Das Volume wird gerade gelesen.',
  "make a base's id": 'eine Kennung für die Basis zu machen',
  "Two at once make a volume's chain shorter.":
    'Zwei machen gleichzeitig die Kette eines Volumes kürzer.',
  "copy layers into the volume's base": 'Schichten in die Basis des Volumes zu kopieren',
  "write the volume's base": 'die Basis des Volumes zu schreiben',
  'libvirt has the volume; its chain gets shorter when it is unmounted.':
    'libvirt hat das Volume; die Kette wird kürzer, wenn es ausgehängt wird.',
  'What the machine has of the volume is not clear.':
    'Was die Maschine vom Volume hat, ist nicht klar.',
  'let the machine commit layers': 'die Maschine Schichten übernehmen zu lassen',
  "put the volume's base below the machine": 'die Basis des Volumes unter die Maschine zu legen',
  "This computer's disk is nearly full: the base of the volume '{name}' has been dropped, which gives {} back. Nothing is lost; the volume is read more slowly until there is room for another one.":
    'Die Festplatte dieses Computers ist fast voll: die Basis des Volumes „{name}“ wurde verworfen, das gibt {0?} zurück. Nichts ist verloren; das Volume wird langsamer gelesen, bis Platz für eine neue ist.',
  "This computer's disk is nearly full.": 'Die Festplatte dieses Computers ist fast voll.',
};
