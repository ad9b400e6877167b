/** The engine's sentences of mounting and unmounting, in German. */
import type { Sentences } from '../../sentences';

export const mounts: Sentences = {
  "The machine '{}' has the volume '{}' already, at {}.":
    'Die Maschine „{0}“ hat das Volume „{1}“ schon, unter {2}.',
  "The machine '{}' has the volume '{}' at {path}.":
    'Die Maschine „{0}“ hat das Volume „{1}“ unter {path}.',
  'Choose another path, or unmount that volume first.':
    'Wählen Sie einen anderen Pfad, oder hängen Sie jenes Volume zuerst aus.',
  "unmount '{}' at {path} in '{}'": '„{0}“ von {path} in „{1}“ auszuhängen',
  'The machine ended while the volume was being mounted.':
    'Die Maschine endete, während das Volume eingehängt wurde.',
  'Start it and try again.': 'Starten Sie sie, und versuchen Sie es noch einmal.',
  'mount it so': 'es so einzuhängen',
  "The machine '{}' has no volume mounted at {path}.":
    'Die Maschine „{}“ hat unter {path} kein Volume eingehängt.',
  'Look at the list of mounts for its paths.': 'In der Liste der Mounts stehen ihre Pfade.',
  'Unmounting by force takes it away all the same; what was not written then is lost.':
    'Mit Gewalt ausgehängt geht es trotzdem weg; was nicht geschrieben ist, ist dann verloren.',
  'mount there': 'dort einzuhängen',
  'it is being mounted': 'es wird gerade eingehängt',
  "mount '{}' at {} in '{}'": '„{0}“ unter {1} in „{2}“ einzuhängen',
  "take '{}' out of the machine again": '„{}“ wieder aus der Maschine zu nehmen',
  "take the volume '{}'": 'das Volume „{}“ zu nehmen',
  'Make a branch of the checkpoint under a name of your own, and mount that.':
    'Machen Sie aus dem Checkpoint einen Branch mit eigenem Namen, und hängen Sie den ein.',
  'The disk is in the machine, whose guest has no agent running to mount it. Type in it: mkdir -p {path} && mount -o {options} /dev/disk/by-id/virtio-{serial} {path}':
    'Der Datenträger ist in der Maschine, in deren Gast kein Agent läuft, der ihn einhängen könnte. Geben Sie in ihr ein: mkdir -p {path} && mount -o {options} /dev/disk/by-id/virtio-{serial} {path}',
  "The machine '{}' has let go of the volume '{}' now.":
    'Die Maschine „{0}“ hat das Volume „{1}“ jetzt losgelassen.',
  "mount '{}' at {} again": '„{0}“ wieder unter {1} einzuhängen',
  'The guest could not be asked to write anything back before; what it had not written is lost.':
    'Der Gast konnte vorher nicht mehr gebeten werden, etwas zu schreiben; was er nicht geschrieben hatte, ist verloren.',
  'What used it there gets errors, and what it had not written is lost.':
    'Was es dort benutzte, bekommt Fehler, und was es nicht geschrieben hatte, ist verloren.',
  '{names} still used it there and {verb} errors; what {which} not written is lost.':
    'Noch benutzt wurde es dort von {names?}; das bekommt jetzt Fehler, und was nicht geschrieben war, ist verloren.',
  "The volume '{}' was taken away from {} by force. {cost}":
    'Das Volume „{0}“ wurde mit Gewalt von {1} weggenommen. {cost?}',
  "The disk of '{}' has grown, and its filesystem could not while the machine has it: {error}.":
    'Der Datenträger von „{}“ ist gewachsen, sein Dateisystem konnte es nicht, solange die Maschine ihn hat: {error?}.',
  'It takes its room when the volume is unmounted. To have it now, install e2fsprogs in the guest and grow the volume again, or type in it: resize2fs /dev/disk/by-id/virtio-{}':
    'Es nimmt sich den Platz, wenn das Volume ausgehängt wird. Soll er sofort da sein, installieren Sie e2fsprogs im Gast und vergrößern Sie das Volume noch einmal, oder geben Sie in ihm ein: resize2fs /dev/disk/by-id/virtio-{}',
  "limit what goes through '{}' in '{}'": 'zu begrenzen, was durch „{0}“ in „{1}“ geht',
  'Could not limit the mount: {error}.': 'Der Mount ließ sich nicht begrenzen: {error?}.',
  "take a checkpoint of '{}'": 'einen Checkpoint von „{}“ aufzunehmen',
  'ask the machine for its disks': 'die Maschine nach ihren Datenträgern zu fragen',
  "The machine that writes '{}' cannot be reached.":
    'Die Maschine, die auf „{}“ schreibt, ist nicht zu erreichen.',
  'Look at the machine, then try again.':
    'Sehen Sie nach der Maschine, und versuchen Sie es noch einmal.',
  "What the machine '{}' has of '{}' is not clear.":
    'Was die Maschine „{0}“ von „{1}“ hat, ist nicht klar.',
  'The guest has the disk, but nothing mounted at {}.':
    'Der Gast hat den Datenträger, aber unter {} ist nichts eingehängt.',
  "finish unmounting '{}'": '„{}“ vollends auszuhängen',
  'The guest has the disk, but nothing mounted from it.':
    'Der Gast hat den Datenträger, aber nichts davon eingehängt.',
  "The machine '{}' has the volume '{}', which was not recorded.":
    'Die Maschine „{0}“ hat das Volume „{1}“, was nicht verzeichnet war.',
  'name what stands in for the checkpoint': 'zu benennen, was für den Checkpoint einsteht',
  "look at the checkpoint's layers": 'die Schichten des Checkpoints anzusehen',
  "The checkpoint has {} layers, too many for a machine to read through. Reading it takes {} on this computer's disk while a machine has it; {} are free.":
    'Der Checkpoint hat {0} Schichten, zu viele für eine Maschine. Ihn zu lesen braucht {1?} auf der Festplatte dieses Computers, solange eine Maschine ihn hat; {2?} sind frei.',
  'Free some space, or delete checkpoints before it.':
    'Schaffen Sie Platz, oder löschen Sie Checkpoints davor.',
  'make what stands in for the checkpoint': 'zu machen, was für den Checkpoint einsteht',
  "replay the checkpoint's journal": 'das Journal des Checkpoints nachzuspielen',
  'whether it is mounted there cannot be seen from outside.':
    'ob es dort eingehängt ist, lässt sich von außen nicht sehen.',
  'Type in the machine: umount {path}': 'Geben Sie in der Maschine ein: umount {path}',
  "grow '{}'": '„{}“ zu vergrößern',
};
