/** The engine's sentences of machines and how they are reached, in German. */
import type { Sentences } from '../../sentences';

export const machines: Sentences = {
  'The demo VM was not found in {}.': 'Die Demo-Maschine wurde in {} nicht gefunden.',
  'Make it with `cargo xtask demo-vm`, or set CAIRN_DEMO_VM to its folder.':
    'Erzeugen Sie sie mit `cargo xtask demo-vm`, oder setzen Sie CAIRN_DEMO_VM auf ihren Ordner.',
  "The machine '{}' is not running.": 'Die Maschine „{}“ läuft nicht.',
  'Start it as it was started before; Cairn then reaches it by itself.':
    'Starten Sie sie so, wie sie zuvor gestartet wurde; Cairn erreicht sie dann von selbst.',
  'Start it first.': 'Starten Sie sie zuerst.',
  "The machine '{}' is running.": 'Die Maschine „{}“ läuft.',
  'Stop it first.': 'Halten Sie sie zuerst an.',
  'There is a NUL byte in the command.': 'In dem Befehl ist ein NUL-Byte.',
  "run a command in '{}'": 'einen Befehl in „{}“ auszuführen',
  "make a machine's id": 'eine Kennung für die Maschine zu machen',
  'attach the machine at {}': 'die Maschine unter {} anzuschließen',
  "The machine '{}' was not attached: Cairn starts it.":
    'Die Maschine „{}“ ist keine angeschlossene: Cairn startet sie selbst.',
  'Stop and delete it instead.': 'Halten Sie sie an und löschen Sie sie stattdessen.',
  "The machine '{}' has the volume '{}' at {}.":
    'Die Maschine „{0}“ hat das Volume „{1}“ unter {2}.',
  'Unmount it first.': 'Hängen Sie es zuerst aus.',
  'What it has of volumes stays its until that QEMU ends.':
    'Was sie von Volumes hat, bleibt ihres, bis dieses QEMU endet.',
  "reach the machine '{}'": 'die Maschine „{}“ zu erreichen',
  "The connection to the machine '{}' has ended, though its QEMU, process {pid}, runs on.":
    'Die Verbindung zur Maschine „{}“ ist abgerissen, obwohl ihr QEMU, Prozess {pid}, weiterläuft.',
  'It is tried again every few seconds.': 'Es wird alle paar Sekunden wieder versucht.',
  "stop the machine '{}'": 'die Maschine „{}“ anzuhalten',
  "The machine '{}' did not stop within {seconds} seconds; it may still do so.":
    'Die Maschine „{}“ hat nicht innerhalb von {seconds} Sekunden angehalten; vielleicht tut sie es noch.',
  'Look into its guest, or end its QEMU yourself.':
    'Sehen Sie in ihrem Gast nach, oder beenden Sie ihr QEMU selbst.',
  "Cairn does not {what} the machine '{}': somebody else does.":
    'Cairn {what!} die Maschine „{}“ nicht: das tut jemand anderes.',
  "That is the machine '{}', which is known already.":
    'Das ist die Maschine „{}“, die schon bekannt ist.',
  'Use it by that name.': 'Benutzen Sie sie unter diesem Namen.',
  "type on the console of '{}'": 'in die Konsole von „{}“ zu tippen',
  "read the machine's console": 'die Konsole der Maschine zu lesen',
  "use the console of '{name}'": 'die Konsole von „{name}“ zu benutzen',
  "There is a machine '{name}' already.": 'Eine Maschine „{name}“ gibt es schon.',
  'The demo VM boots its own kernel and initramfs.':
    'Die Demo-Maschine startet ihren eigenen Kernel und ihr eigenes initramfs.',
  'Leave one of them out.': 'Lassen Sie eines davon weg.',
  'There is nothing for the machine to boot.': 'Die Maschine hat nichts, wovon sie starten könnte.',
  'Give it an image, a snapshot, or a kernel.':
    'Geben Sie ihr ein Abbild, einen Snapshot oder einen Kernel.',
  'use the image': 'das Abbild zu benutzen',
  '{} is a part of the store and no boot image.':
    '{} gehört zum Speicher und ist kein Abbild zum Starten.',
  'Mount a volume in a machine that boots something else; boot a snapshot by its name.':
    'Hängen Sie ein Volume in einer Maschine ein, die von etwas anderem startet; nehmen Sie einen Snapshot mit seinem Namen.',
  'Two volumes are to be mounted at {path}.': 'Zwei Volumes sollen unter {path} eingehängt werden.',
  'Give each a path of its own.': 'Geben Sie jedem einen eigenen Pfad.',
  "The volume '{name}' is to be mounted twice.":
    'Das Volume „{name}“ soll zweimal eingehängt werden.',
  'Name it once.': 'Nennen Sie es nur einmal.',
  'The path of the {what} must be absolute, not {}.':
    'Dieser Pfad muss absolut sein ({what!}), nicht {}.',
  'Begin it with a slash.': 'Beginnen Sie ihn mit einem Schrägstrich.',
  'Look at how its path is written.': 'Sehen Sie nach, wie der Pfad geschrieben ist.',
  'There is no kernel for the initramfs or command line.':
    'Zum initramfs oder zur Kommandozeile fehlt der Kernel.',
  'Give the kernel as well.': 'Geben Sie auch den Kernel an.',
  'A disk of {} is too small for an image of {}.':
    'Ein Datenträger von {0?} ist zu klein für ein Abbild von {1?}.',
  'Leave its size out, or give a larger one.':
    'Lassen Sie die Größe weg, oder geben Sie eine größere an.',
  'A disk of {} cannot be made.': 'Ein Datenträger von {0?} ist nicht möglich.',
  'It has at least 1 MiB and at most {}.': 'Möglich sind mindestens 1 MiB und höchstens {0?}.',
  'A machine has at least {LEAST_MEMORY_MIB} MiB of memory, not {memory_mib} MiB.':
    'Eine Maschine hat mindestens {LEAST_MEMORY_MIB} MiB Arbeitsspeicher, nicht {memory_mib} MiB.',
  'A machine has 1 to {MOST_CPUS} processors, not {cpus}.':
    'Eine Maschine hat 1 bis {MOST_CPUS} Prozessoren, nicht {cpus}.',
  'A machine without a network forwards no ports.':
    'Eine Maschine ohne Netzwerk leitet keine Ports weiter.',
  "Give it the network 'user'.": 'Geben Sie ihr das Netzwerk „user“.',
  'A forwarded port has a number from 1 to 65535.':
    'Ein weitergeleiteter Port hat eine Nummer von 1 bis 65535.',
  'Write it as 8080:80.': 'Schreiben Sie ihn als 8080:80.',
  'The port {} is forwarded twice.': 'Der Port {} wird zweimal weitergeleitet.',
  'Choose another port of this computer for one of them.':
    'Wählen Sie für einen davon einen anderen Port dieses Computers.',
  "The machine '{}' is there, but a checkpoint was not taken: {error}":
    'Die Maschine „{}“ ist da, aber ein Checkpoint wurde nicht aufgenommen: {error?}',
  "Take it with 'cairn checkpoint create'.": "Nehmen Sie ihn mit 'cairn checkpoint create' auf.",
  'It was cancelled.': 'Es wurde abgebrochen.',
  "The volume '{}' was not filled with {}: {why}":
    'Das Volume „{0}“ wurde nicht mit {1} gefüllt: {why?}',
  'The machine is there, stopped: change it and start it again, or delete it.':
    'Die Maschine ist da, angehalten: ändern Sie sie und starten Sie sie wieder, oder löschen Sie sie.',
  'The path of what a volume is filled with must be absolute, not {}.':
    'Der Pfad dessen, womit ein Volume gefüllt wird, muss absolut sein, nicht {}.',
  'A volume cannot be filled with {}: {cause}.':
    'Ein Volume kann nicht mit {} gefüllt werden: {cause?}.',
  'look into libvirt': 'bei libvirt nachzusehen',
  'It can be attached.': 'Sie kann angeschlossen werden.',
  'It has no QMP socket. Start it with -qmp unix:PATH,server=on,wait=off, PATH being absolute.':
    'Sie hat keinen QMP-Socket. Starten Sie sie mit -qmp unix:PFAD,server=on,wait=off; der PFAD muss absolut sein.',
  'It has no QMP socket of its own; perhaps libvirt runs it. {why}':
    'Sie hat keinen eigenen QMP-Socket; vielleicht führt libvirt sie aus. {why?}',
  "It is attached as '{}'.": 'Sie ist als „{}“ angeschlossen.',
  "It is the machine '{}', which Cairn has started.":
    'Das ist die Maschine „{}“, die Cairn gestartet hat.',
  'Its QMP socket {} lies in a folder that is not known.':
    'Ihr QMP-Socket {} liegt in einem Ordner, der nicht bekannt ist.',
  'QMP socket': 'QMP-Socket',
  'reach it at {}': 'sie unter {} zu erreichen',
  'There is no UEFI firmware for machines on this computer.':
    'Auf diesem Computer gibt es keine UEFI-Firmware für Maschinen.',
  'Install it; on Debian: sudo apt-get install ovmf':
    'Installieren Sie sie; unter Debian: sudo apt-get install ovmf',
  "read the firmware's variables": 'die Variablen der Firmware zu lesen',
  "copy the firmware's variables": 'die Variablen der Firmware zu kopieren',
  "The machine '{}' waits, because this computer's disk is full.":
    'Die Maschine „{}“ wartet, weil die Festplatte dieses Computers voll ist.',
  'It goes on by itself when {} are free.': 'Sie läuft von selbst weiter, wenn {0?} frei sind.',
  "let the machine '{}' go on": 'die Maschine „{}“ weiterlaufen zu lassen',
  "There is room again: the machine '{}' goes on.":
    'Es ist wieder Platz: die Maschine „{}“ läuft weiter.',
  "socket of a guest's agent": 'Socket des Gast-Agenten',
  'use that daemon': 'diesen Daemon zu benutzen',
  'Use qemu:///session or qemu:///system.': 'Nehmen Sie qemu:///session oder qemu:///system.',
  "look for the domain '{}'": 'die Domain „{}“ zu suchen',
  "No domain '{}' runs in {}.": 'In {1} läuft keine Domain „{0}“.',
  "Start it; 'virsh list' shows which run.": "Starten Sie sie; 'virsh list' zeigt, welche laufen.",
  "Several of libvirt's daemons have a domain '{}'.":
    'Mehrere Daemons von libvirt haben eine Domain „{}“.',
  'Say which, such as qemu:///session.': 'Geben Sie an, welcher gemeint ist, etwa qemu:///session.',
  'Stop it without force, or end its QEMU yourself.':
    'Halten Sie sie ohne Gewalt an, oder beenden Sie ihr QEMU selbst.',
  'Start its QEMU with -qmp unix:{qmp},server=on,wait=off; Cairn then reaches it by itself.':
    'Starten Sie ihr QEMU mit -qmp unix:{qmp},server=on,wait=off; Cairn erreicht es dann von selbst.',
  'Stop it without force, or: {}': 'Halten Sie sie ohne Gewalt an, oder: {}',
  'Type: {}; Cairn then reaches it by itself.':
    'Geben Sie ein: {}; Cairn erreicht sie dann von selbst.',
  'Nobody listens at {}: its QEMU has ended.': 'An {} lauscht niemand: ihr QEMU hat geendet.',
  'Start it, then attach it.': 'Starten Sie sie, und schließen Sie sie dann an.',
  "The machine has no channel to a guest's agent, though a socket of one was given.":
    'Die Maschine hat keinen Kanal zum Agenten eines Gasts, obwohl ein Socket dafür angegeben wurde.',
  "Leave that socket out, or look into its QEMU's command line.":
    'Lassen Sie diesen Socket weg, oder sehen Sie in der Kommandozeile ihres QEMU nach.',
  'Start its QEMU with -qmp unix:PATH,server=on,wait=off.':
    'Starten Sie ihr QEMU mit -qmp unix:PFAD,server=on,wait=off.',
  '{} is no socket.': '{} ist kein Socket.',
  "Give the path that stands behind 'unix:' or 'path=' in QEMU's command line.":
    "Geben Sie den Pfad an, der in der Kommandozeile von QEMU hinter 'unix:' oder 'path=' steht.",
  'Run that QEMU as the user who runs Cairn.':
    'Lassen Sie dieses QEMU als den Benutzer laufen, der auch Cairn benutzt.',
  start: 'startet',
  end: 'beendet',
  image: 'Abbild',
  kernel: 'Kernel',
  initramfs: 'initramfs',
  'There is no image {}.': 'Das Abbild {} gibt es nicht.',
  'There is no kernel {}.': 'Den Kernel {} gibt es nicht.',
  'There is no initramfs {}.': 'Das initramfs {} gibt es nicht.',
  'There is no QMP socket {}.': 'Den QMP-Socket {} gibt es nicht.',
  "There is no socket of a guest's agent {}.": 'Den Socket {} eines Gast-Agenten gibt es nicht.',
  'This user may not open the QMP socket {}, which belongs to user {}.':
    'Dieser Benutzer darf den QMP-Socket {0} nicht öffnen, der Benutzer {1} gehört.',
  "This user may not open the socket of a guest's agent {}, which belongs to user {}.":
    'Dieser Benutzer darf den Socket {0} eines Gast-Agenten nicht öffnen, der Benutzer {1} gehört.',
  '{one} stands': '{one?}',
  "The machine '{}' cannot be reached: nobody listens at {}, though its QEMU, process {}, runs on.":
    'Die Maschine „{0}“ ist nicht zu erreichen: an {1} lauscht niemand, obwohl ihr QEMU, Prozess {2}, weiterläuft.',
  "The machine '{}' cannot be reached: another one listens at {}, though its QEMU, process {}, runs on.":
    'Die Maschine „{0}“ ist nicht zu erreichen: an {1} lauscht eine andere, obwohl ihr QEMU, Prozess {2}, weiterläuft.',
};
