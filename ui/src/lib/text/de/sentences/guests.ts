/** The engine's sentences of disks in running machines, in German. */
import type { Sentences } from '../../sentences';

export const guests: Sentences = {
  'the guest does not say since when it has been running':
    'der Gast sagt nicht, seit wann er läuft',
  'of unknown version': 'unbekannter Version',
  'a disk {} is attached already, with {}': 'ein Datenträger {} ist schon angeschlossen, mit {}',
  'could not attach {path}': '{path} ließ sich nicht anschließen',
  'the guest did not let go of the disk {} within {} seconds.':
    'der Gast hat den Datenträger {} nicht innerhalb von {} Sekunden losgelassen.',
  'While it boots it cannot; try again later, or restart the guest':
    'Während er startet, kann er es nicht; versuchen Sie es später noch einmal, oder starten Sie ihn neu',
  'the guest cannot let go of the disk {}': 'der Gast kann den Datenträger {} nicht loslassen',
  'the machine has no disk {}': 'die Maschine hat keinen Datenträger {}',
  'could not close a layer': 'eine Schicht ließ sich nicht schließen',
  'could not write back in the guest': 'im Gast konnte nicht zurückgeschrieben werden',
  '{what}: the guest did not finish within {seconds} seconds; it may still do so':
    '{what?}: der Gast wurde nicht innerhalb von {seconds} Sekunden fertig; vielleicht wird er es noch',
  "the guest's agent is not running.": 'der Agent des Gasts läuft nicht.',
  'While the machine boots, wait a little; otherwise start qemu-guest-agent in the guest':
    'Startet die Maschine gerade, warten Sie ein wenig; sonst starten Sie qemu-guest-agent im Gast',
  'could not end a program in the guest': 'ein Programm im Gast ließ sich nicht beenden',
  "another client holds the socket of the guest's agent.":
    'ein anderes Programm hält den Socket des Gast-Agenten.',
  'End it and try again': 'Beenden Sie es, und versuchen Sie es noch einmal',
  'the guest did not freeze {} within {longest:?}':
    'der Gast hat {} nicht innerhalb von {longest:?} eingefroren',
  "could not thaw the guest's filesystems": 'die Dateisysteme des Gasts ließen sich nicht auftauen',
  'it does not answer': 'er antwortet nicht',
  'could not open the overlay': 'das Overlay ließ sich nicht öffnen',
  'the overlay ({found} bytes) is smaller than the disk ({size} bytes)':
    'das Overlay ({found} Bytes) ist kleiner als der Datenträger ({size} Bytes)',
  'the disk {} was not attached by Cairn': 'den Datenträger {} hat nicht Cairn angeschlossen',
  'the disk {} has too many layers; detach and attach it':
    'der Datenträger {} hat zu viele Schichten; hängen Sie ihn aus und wieder ein',
  'the guest does not read its serial console': 'der Gast liest seine serielle Konsole nicht',
  'somebody else started the machine, and has its serial console':
    'jemand anderes hat die Maschine gestartet und hat ihre serielle Konsole',
  'the machine has no serial console that can be typed to':
    'die Maschine hat keine serielle Konsole, in die getippt werden kann',
  'another client holds the socket of the serial console, or the guest has not read all that was typed.':
    'ein anderes Programm hält den Socket der seriellen Konsole, oder der Gast hat noch nicht alles gelesen, was getippt wurde.',
  'End that client and try again': 'Beenden Sie jenes Programm, und versuchen Sie es noch einmal',
  'connect to the socket of the serial console':
    'sich mit dem Socket der seriellen Konsole zu verbinden',
  'there is no filesystem at {} in the guest that could be frozen':
    'unter {} ist im Gast kein Dateisystem, das eingefroren werden könnte',
  'could not freeze {} in the guest': '{} ließ sich im Gast nicht einfrieren',
  'the guest has no program resize2fs': 'der Gast hat kein Programm resize2fs',
  'the guest could not let its filesystem grow':
    'der Gast konnte sein Dateisystem nicht vergrößern',
  'the guest could not change its files': 'der Gast konnte seine Dateien nicht ändern',
  "the guest's agent did not answer within {seconds} seconds{reason}":
    'der Agent des Gasts hat nicht innerhalb von {seconds} Sekunden geantwortet{reason}',
  'the program did not end in the guest within {seconds} seconds; it runs on':
    'das Programm endete im Gast nicht innerhalb von {seconds} Sekunden; es läuft weiter',
  'the guest did not stop within {seconds} seconds; it may still do so.':
    'der Gast hat nicht innerhalb von {seconds} Sekunden angehalten; vielleicht tut er es noch.',
  'Stop it by force if it hangs': 'Schalten Sie ihn hart aus, wenn er hängt',
  'libvirt runs the machine, and nobody else ends it':
    'libvirt führt die Maschine aus, und niemand sonst beendet sie',
  'QEMU does not end, not even by force; look at its process on this computer':
    'QEMU endet nicht, auch nicht mit Gewalt; sehen Sie nach seinem Prozess auf diesem Computer',
  'operations are limited to between 1 and 1,000,000,000 a second':
    'Vorgänge werden auf 1 bis 1.000.000.000 pro Sekunde begrenzt',
  'bytes are limited to between 4,096 and 1,000,000,000,000 a second':
    'Bytes werden auf 4.096 bis 1.000.000.000.000 pro Sekunde begrenzt',
  '{} cannot keep what is written over: its name is another one':
    '{} kann nicht aufheben, was überschrieben wird: es heißt anders',
  "open the machine's folder": 'den Ordner der Maschine zu öffnen',
  'connect to the disk that QEMU exports': 'sich mit dem Datenträger zu verbinden, den QEMU zeigt',
  'QEMU did not let go of the disk {} that it exports':
    'QEMU hat den Datenträger {} nicht losgelassen, den es zeigt',
  'somebody looks at the disk': 'jemand sieht sich den Datenträger an',
  'could not merge layers': 'Schichten ließen sich nicht verschmelzen',
  'the disk {} does not stand on a base': 'der Datenträger {} steht nicht auf einer Basis',
  'could not write a layer back': 'eine Schicht ließ sich nicht zurückschreiben',
  'the machine does not have the layer {} open': 'die Maschine hat die Schicht {} nicht offen',
  "{} cannot be named in a layer's header": '{} kann nicht im Kopf einer Schicht stehen',
  'could not take {path} out of the guest': '{path} ließ sich nicht aus dem Gast nehmen',
  'could not ask the guest what is mounted': 'der Gast ließ sich nicht fragen, was eingehängt ist',
  'could not mount at {path} in the guest': 'unter {path} ließ sich im Gast nichts einhängen',
  "the machine has no channel to a guest's agent":
    'die Maschine hat keinen Kanal zum Agenten eines Gasts',
  "the agent's channel does not lead to a socket that can be found on this computer":
    'der Kanal des Agenten führt zu keinem Socket, der auf diesem Computer zu finden wäre',
  'the machine waits to be told to begin.': 'die Maschine wartet darauf, beginnen zu dürfen.',
  'Let it, then try again': 'Lassen Sie sie, und versuchen Sie es noch einmal',
  'the machine is paused.': 'die Maschine ist angehalten.',
  'Let it go on, then try again': 'Lassen Sie sie weiterlaufen, und versuchen Sie es noch einmal',
  'the machine waits, because a disk of this computer failed or is full.':
    'die Maschine wartet, weil eine Platte dieses Computers versagt hat oder voll ist.',
  'Free some space, then try again': 'Schaffen Sie Platz, und versuchen Sie es noch einmal',
  'the guest has powered off.': 'der Gast hat sich ausgeschaltet.',
  'End its QEMU, or start the machine again':
    'Beenden Sie sein QEMU, oder starten Sie die Maschine neu',
  'the guest has crashed.': 'der Gast ist abgestürzt.',
  'Stop the machine by force, then start it again':
    'Schalten Sie die Maschine hart aus, und starten Sie sie wieder',
  "the guest does not run: QEMU calls its state '{state}'":
    "der Gast läuft nicht: QEMU nennt seinen Zustand '{state}'",
  "could not look at the guest's own disk":
    'der eigene Datenträger des Gasts ließ sich nicht ansehen',
  'the guest does not have its own disk': 'der Gast hat seinen eigenen Datenträger nicht',
  'the disk {} does not have the layer {}': 'der Datenträger {0} hat die Schicht {1} nicht',
  'the disk {} has had too many bases; detach and attach it':
    'der Datenträger {} hatte zu viele Basen; hängen Sie ihn aus und wieder ein',
  'could not put a base below a layer': 'unter eine Schicht ließ sich keine Basis legen',
  'could not commit layers': 'Schichten ließen sich nicht übernehmen',
  'Unmount a volume from it first': 'Hängen Sie zuerst ein Volume aus',
  'Unmount a volume from it first, or start its QEMU with one more: {options}':
    'Hängen Sie zuerst ein Volume aus, oder starten Sie ihr QEMU mit noch einem: {options}',
  'Start its QEMU with: {options}': 'Starten Sie ihr QEMU mit: {options}',
  'nothing can be plugged into a microvm while it runs: its disks sit on virtio-mmio':
    'in ein microvm kann im Betrieb nichts eingesteckt werden: seine Datenträger hängen an virtio-mmio',
  'nothing can be plugged into the machine while it runs: its hot-plug through ACPI is switched off':
    'in die Maschine kann im Betrieb nichts eingesteckt werden: ihr Hot-Plug über ACPI ist abgeschaltet',
  'nothing can be plugged into the machine ({kind}) while it runs: it has no PCI Express port with an id, of which each disk needs one':
    'in die Maschine ({kind}) kann im Betrieb nichts eingesteckt werden: sie hat keinen PCI-Express-Port mit Kennung, von denen jeder Datenträger einen braucht',
  'nothing can be plugged into the machine ({kind}) while it runs: Cairn knows none of its buses':
    'in die Maschine ({kind}) kann im Betrieb nichts eingesteckt werden: Cairn kennt keinen ihrer Busse',
  'libvirt runs the machine and offers no way to do that.':
    'libvirt führt die Maschine aus und bietet keinen Weg dafür.',
  'Unmount the volume first': 'Hängen Sie das Volume zuerst aus',
  'libvirt does not run the machine': 'libvirt führt die Maschine nicht aus',
  "QEMU's process {} runs on, but its sockets fail: {error}":
    'der QEMU-Prozess {} läuft weiter, aber seine Sockets versagen: {error?}',
};
