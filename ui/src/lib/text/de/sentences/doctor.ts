/** The engine's sentences of what the doctor found, in German. */
import type { Sentences } from '../../sentences';

export const doctor: Sentences = {
  'Demo VM': 'Demo-Maschine',
  'Found at {}.': 'Gefunden in {}.',
  '{root} can be written to.': '{root} kann beschrieben werden.',
  '{root} cannot be written to: {error}.': '{root} kann nicht beschrieben werden: {error?}.',
  'Disk space': 'Platz auf der Festplatte',
  'Only {} free; machines pause when there is none.':
    'Nur {0?} frei; ohne freien Platz halten Maschinen an.',
  'Could not be asked for: {error}.': 'Ließ sich nicht feststellen: {error?}.',
  'In use.': 'In Gebrauch.',
  'It failed and is not used until the next start. Nothing is lost; everything is a little slower.':
    'Er ist ausgefallen und wird bis zum nächsten Start nicht benutzt. Nichts ist verloren; alles ist etwas langsamer.',
  'Machines run on the processor itself.': 'Maschinen laufen direkt auf dem Prozessor.',
  'It does not run guests here. Machines are emulated: everything works, several times slower.':
    'Gäste laufen hier nicht damit. Maschinen werden emuliert: alles geht, nur um ein Mehrfaches langsamer.',
  '{} in the store, all in order.': '{} im Speicher, alle in Ordnung.',
  '{} of {} cannot be used. {}': '{0} von {1} können nicht benutzt werden. {2?}',
  'It is starting.': 'Sie startet gerade.',
  'It runs. What works in it, `cairn vm doctor` says.':
    'Sie läuft. Was in ihr geht, sagt „Was geht?“ in ihrem Menü.',
  'It runs, and its agent answers.': 'Sie läuft, und ihr Agent antwortet.',
  'It is stopping.': 'Sie hält gerade an.',
  'It is stopped.': 'Sie ist angehalten.',
  'It cannot be reached.': 'Sie ist nicht zu erreichen.',
  'Version {} at {}.': 'Version {0} in {1}.',
  'QEMU runs in a container: it may find something else at {}, or nothing. Show it that folder under the same path.':
    'QEMU läuft in einem Container: unter {} findet es vielleicht etwas anderes oder nichts. Zeigen Sie ihm diesen Ordner unter demselben Pfad.',
  'QEMU may open the files of volumes.': 'QEMU darf die Dateien der Volumes öffnen.',
  'its QEMU': 'ihr QEMU',
  'on the processor itself': 'direkt auf dem Prozessor',
  'libvirt answers, with QEMU {}': 'libvirt antwortet, mit QEMU {}',
  'QEMU {} answers': 'QEMU {} antwortet',
  '{who}; the machine is a {}, {how}.': '{who?}; die Maschine ist vom Typ {}, {how!}.',
  'ask for its slots': 'nach ihren Steckplätzen zu fragen',
  'No volume can be mounted: {}.': 'Es kann kein Volume eingehängt werden: {0?}.',
  'Unmount one first.': 'Hängen Sie zuerst eines aus.',
  'Give it one more, then shut it down and start it again:':
    'Geben Sie ihr noch einen, fahren Sie sie herunter und starten Sie sie wieder:',
  'Start its QEMU with more:': 'Starten Sie ihr QEMU mit mehr:',
  'ask for its agent': 'nach ihrem Agenten zu fragen',
  'Volumes are plugged in, and mounted by whoever types the command that Cairn shows.':
    'Volumes werden eingesteckt, und eingehängt von dem, der den Befehl eingibt, den Cairn zeigt.',
  "Its channel to a guest's agent leads to {where_to}.":
    'Ihr Kanal zum Agenten eines Gasts führt zu {where_to}.',
  "It has no channel to a guest's agent.": 'Sie hat keinen Kanal zum Agenten eines Gasts.',
  "Nobody in the guest serves its agent's channel.":
    'Niemand im Gast bedient den Kanal des Agenten.',
  'Type in a Debian guest:': 'In einem Debian-Gast geben Sie ein:',
  'Type in the guest:': 'Im Gast geben Sie ein:',
  'ask its agent': 'ihren Agenten zu fragen',
  'Take {commands} out of block-rpcs in /etc/qemu/qemu-ga.conf of the guest, then type there:':
    'Nehmen Sie {commands?} aus block-rpcs in /etc/qemu/qemu-ga.conf des Gasts heraus, und geben Sie dort ein:',
  'Its agent runs programs, so volumes are mounted and unmounted by it.':
    'Ihr Agent führt Programme aus; Volumes werden damit ein- und ausgehängt.',
  'Its agent runs no programs, so it cannot mount or unmount.':
    'Ihr Agent führt keine Programme aus und kann nicht ein- und aushängen.',
  'guest-exec and guest-exec-status': 'guest-exec und guest-exec-status',
  'Its filesystems are frozen for checkpoints.':
    'Ihre Dateisysteme werden für Checkpoints eingefroren.',
  'Its filesystems cannot be frozen; checkpoints are like after a power cut.':
    'Ihre Dateisysteme können nicht eingefroren werden; Checkpoints sind wie nach einem Stromausfall.',
  'qemu-guest-agent {} answers.': 'qemu-guest-agent {} antwortet.',
  'The room of what is deleted in a volume does not come back: that takes Linux {LEAST_KERNEL}.0, and the guest has {kernel}. Update it.':
    'Der Platz von Gelöschtem in einem Volume kommt nicht zurück: dafür braucht es Linux {LEAST_KERNEL}.0, und der Gast hat {kernel}. Aktualisieren Sie ihn.',
  'The room of what is deleted in a volume comes back (Linux {kernel}).':
    'Der Platz von Gelöschtem in einem Volume kommt zurück (Linux {kernel}).',
  'The guest does not say which kernel it has; Linux 5.0 gives deleted room back.':
    'Der Gast sagt nicht, welchen Kernel er hat; ab Linux 5.0 kommt der Platz von Gelöschtem zurück.',
  'QEMU runs as user {}, who may not open the files in {}: they belong to user {}.':
    'QEMU läuft als Benutzer {0}, der die Dateien in {1} nicht öffnen darf: sie gehören Benutzer {2}.',
  'Run it as that user': 'Lassen Sie es als diesen Benutzer laufen',
  '{} of {} slots for volumes are free.': '{0} von {1} Steckplätzen für Volumes sind frei.',
  '{} free.': '{0?} frei.',
  Store: 'Speicher',
  Index: 'Index',
  Machines: 'Maschinen',
  "Machine '{}'": 'Maschine „{}“',
  Volumes: 'Volumes',
  Files: 'Dateien',
  Slots: 'Steckplätze',
  Agent: 'Agent',
  Programs: 'Programme',
  Freeze: 'Einfrieren',
  Discard: 'Gelöschter Platz',
  emulated: 'emuliert',
  'Give it one, and install qemu-guest-agent in the guest:':
    'Geben Sie ihr einen, und installieren Sie qemu-guest-agent im Gast:',
  'Start its QEMU with one, and install qemu-guest-agent in the guest:':
    'Starten Sie ihr QEMU mit einem, und installieren Sie qemu-guest-agent im Gast:',
  'Run it as that user: add this to the domain (virsh edit), then shut it down and start it again:':
    'Lassen Sie es als diesen Benutzer laufen: fügen Sie das der Domain hinzu (virsh edit), fahren Sie sie herunter und starten Sie sie wieder:',
  "'{}': {}": '„{0}“: {1?}',
  'ask {whom}': '{whom?} zu fragen',
};
