/** The engine's sentences of QEMU, its images and its agent, in German. */
import type { Sentences } from '../../sentences';

export const qemu: Sentences = {
  '/dev/kvm cannot be opened: {error}': '/dev/kvm lässt sich nicht öffnen: {error?}',
  'QEMU does not start: {error}': 'QEMU startet nicht: {error?}',
  "other clients wait for the guest's agent.": 'andere Programme warten auf den Agenten des Gasts.',
  'End them and try again': 'Beenden Sie sie, und versuchen Sie es noch einmal',
  "connect to the socket of the guest's agent": 'sich mit dem Socket des Gast-Agenten zu verbinden',
  'there is no program to run': 'es gibt kein Programm zum Ausführen',
  'more than 16 MiB of input cannot be given to a program':
    'mehr als 16 MiB Eingabe kann ein Programm nicht bekommen',
  "the guest's agent did not end {command} within {seconds} seconds":
    'der Agent des Gasts hat {command} nicht innerhalb von {seconds} Sekunden beendet',
  'so much cannot be told the agent of a guest that libvirt runs; 80 KiB at a time can':
    'so viel kann dem Agenten eines Gasts, den libvirt ausführt, nicht gesagt werden; 80 KiB auf einmal gehen',
  "the guest's agent answered {command} with something that makes no sense":
    'der Agent des Gasts hat auf {command} etwas geantwortet, was keinen Sinn ergibt',
  "the guest's agent did not answer within {seconds} seconds.":
    'der Agent des Gasts hat nicht innerhalb von {seconds} Sekunden geantwortet.',
  'Look whether qemu-guest-agent runs in the guest':
    'Sehen Sie nach, ob qemu-guest-agent im Gast läuft',
  "the connection to the guest's agent ended; the machine has stopped":
    'die Verbindung zum Agenten des Gasts ist zu Ende; die Maschine hat angehalten',
  "talk to the guest's agent": 'mit dem Agenten des Gasts zu sprechen',
  'the machine cannot boot: there is no readable file {}':
    'die Maschine kann nicht starten: es gibt keine lesbare Datei {}',
  'QEMU cannot be told a path that is not UTF-8: {}':
    'QEMU versteht keinen Pfad, der kein UTF-8 ist: {}',
  'could not look at the image: {error}': 'das Abbild konnte nicht angesehen werden: {error?}',
  'it is empty': 'es ist leer',
  'read the image {}': 'das Abbild {} zu lesen',
  'it is not a file': 'es ist keine Datei',
  'it is in the format {name}.': 'es ist im Format {name}.',
  'Convert it: qemu-img convert -f {name} -O qcow2 IMAGE NEW.qcow2':
    'Wandeln Sie es um: qemu-img convert -f {name} -O qcow2 IMAGE NEW.qcow2',
  'Make one of its own: qemu-img convert -O qcow2 IMAGE NEW.qcow2':
    'Machen Sie daraus ein eigenständiges: qemu-img convert -O qcow2 IMAGE NEW.qcow2',
  'its qcow2 version {version} is not known': 'seine qcow2-Version {version} ist nicht bekannt',
  'it stands on another file, {name:?}, and would not be whole without it.':
    'es baut auf einer anderen Datei auf, {name:?}, und wäre ohne sie nicht vollständig.',
  'its data are in another file.': 'seine Daten liegen in einer anderen Datei.',
  'it is encrypted, which Cairn does not do': 'es ist verschlüsselt, was Cairn nicht kann',
  'QEMU has marked it as damaged.': 'QEMU hat es als beschädigt markiert.',
  'Look at it: qemu-img check IMAGE': 'Sehen Sie es sich an: qemu-img check IMAGE',
  "qemu-img's answer is not understood: {error}":
    'die Antwort von qemu-img ist nicht zu verstehen: {error?}',
  'it stands on another file, {name:?}': 'es baut auf einer anderen Datei auf, {name:?}',
  'could not look for qemu-img: {error}': 'qemu-img konnte nicht gesucht werden: {error?}',
  'qemu-img did not end within {} seconds on {}':
    'qemu-img wurde mit {1} nicht innerhalb von {0} Sekunden fertig',
  'run qemu-img': 'qemu-img auszuführen',
  '{} cannot be booted: {why}': 'von {} kann nicht gestartet werden: {why?}',
  'could not {what}: {source}': 'es ist nicht gelungen, {what!}: {source?}',
  'the machine is not running': 'die Maschine läuft nicht',
  'qemu-img did not end within 30 seconds': 'qemu-img wurde nicht innerhalb von 30 Sekunden fertig',
  'read what qemu-img wrote': 'zu lesen, was qemu-img geschrieben hat',
  'its data are in other files': 'seine Daten liegen in anderen Dateien',
  'qemu-img does not say how large it is': 'qemu-img sagt nicht, wie groß es ist',
  'it is a VMware image of several files.': 'es ist ein VMware-Abbild aus mehreren Dateien.',
  'Make one of it: qemu-img convert -f vmdk -O qcow2 IMAGE NEW.qcow2':
    'Machen Sie eine daraus: qemu-img convert -f vmdk -O qcow2 IMAGE NEW.qcow2',
  'it is in the format vpc.': 'es ist im Format vpc.',
  'Convert it: qemu-img convert -f vpc -O qcow2 IMAGE NEW.qcow2':
    'Wandeln Sie es um: qemu-img convert -f vpc -O qcow2 IMAGE NEW.qcow2',
  'it is in the format qed.': 'es ist im Format qed.',
  'Convert it: qemu-img convert -f qed -O qcow2 IMAGE NEW.qcow2':
    'Wandeln Sie es um: qemu-img convert -f qed -O qcow2 IMAGE NEW.qcow2',
  '{} cannot be read as a disk: {why}': '{} kann nicht als Datenträger gelesen werden: {why?}',
  'could not unmount {path} in the guest': '{path} ließ sich im Gast nicht aushängen',
  'the mount at {place}': 'den Mount unter {place}',
  'the volume of {path} is mounted nowhere in the guest any more, but files of it are still open there.':
    'das Volume von {path} ist im Gast nirgends mehr eingehängt, aber Dateien daraus sind dort noch offen.',
  'End what has them open, then unmount again':
    'Beenden Sie, was sie offen hat, und hängen Sie noch einmal aus',
  '{path} is in use in the guest, which does not say by what: perhaps a swap file or a loop device on it':
    '{path} wird im Gast benutzt, der nicht sagt, wovon: vielleicht liegt eine Auslagerungsdatei oder ein Loop-Gerät darauf',
  '{path} is in use in the guest by {reasons}.': '{path} wird im Gast benutzt, von {reasons?}.',
  'End that in the guest, then unmount again':
    'Beenden Sie das im Gast, und hängen Sie noch einmal aus',
  'it ended with code {}': 'es endete mit dem Code {}',
  'a process that has ended meanwhile': 'einem inzwischen beendeten Prozess',
  'could not look for QEMU: {error}': 'QEMU konnte nicht gesucht werden: {error?}',
  "find the machine's folder": 'den Ordner der Maschine zu finden',
  'the machine {} runs already': 'die Maschine {} läuft schon',
  '{program} did not start the machine within {seconds} seconds':
    '{program} hat die Maschine nicht innerhalb von {seconds} Sekunden gestartet',
  'it ended with {status}': 'es endete mit {status}',
  'QEMU {} did not start the machine: {words}':
    'QEMU {} hat die Maschine nicht gestartet: {words?}',
  'whether a volume is mounted ro or rw is no mount option here, but its mode':
    'ob ein Volume ro oder rw eingehängt wird, ist hier keine Mount-Option, sondern sein Zugriff',
  '{option:?} is not among the mount options that are known: {flags}, data=journal|ordered|writeback, errors=continue|remount-ro, commit=SECONDS':
    '{option:?} gehört nicht zu den bekannten Mount-Optionen: {flags}, data=journal|ordered|writeback, errors=continue|remount-ro, commit=SEKUNDEN',
  '{text:?} cannot be a mount path: {why}': '{text:?} kann kein Pfad zum Einhängen sein: {why?}',
  'it must begin with a slash, like /data': 'er muss mit einem Schrägstrich beginnen, wie /data',
  'it holds a line break or another control character':
    'er enthält einen Zeilenumbruch oder ein anderes Steuerzeichen',
  "the guest's root is taken; choose a folder, like /data":
    'unter „/“ liegen die Dateien des Gasts selbst; wählen Sie einen Ordner, wie /data',
  'it holds ".."': 'er enthält „..“',
  'one of its names is longer than 255 bytes': 'einer seiner Namen ist länger als 255 Bytes',
  'it is longer than 4095 bytes': 'er ist länger als 4095 Bytes',
  "end QEMU's process {pid}": 'den QEMU-Prozess {pid} zu beenden',
  'QEMU is missing: there is no {program} in PATH.': 'QEMU fehlt: {program} ist nicht im PATH.',
  'Install it; on Debian: sudo apt-get install --no-install-recommends {package}':
    'Installieren Sie es; unter Debian: sudo apt-get install --no-install-recommends {package}',
  '{} does not run: {why}.': '{} läuft nicht: {why?}.',
  'Install it again': 'Installieren Sie es neu',
  "connect to the machine's QMP socket": 'sich mit dem QMP-Socket der Maschine zu verbinden',
  "the machine's QMP socket does not speak QMP": 'der QMP-Socket der Maschine spricht kein QMP',
  'QEMU did not answer {command} within {seconds} seconds':
    'QEMU hat auf {command} nicht innerhalb von {seconds} Sekunden geantwortet',
  "the machine's QMP socket carried something that is not QMP: {error}":
    'über den QMP-Socket der Maschine kam etwas, was kein QMP ist: {error?}',
  'another process has the image open: {reason}':
    'ein anderer Prozess hat das Abbild offen: {reason}',
  '{command} was refused: {reason}{class}': '{command} wurde abgelehnt: {reason}{class}',
  "the machine's QMP socket is held by another client, or its QEMU hangs: QEMU does not greet.":
    'ein anderes Programm hält den QMP-Socket der Maschine, oder ihr QEMU hängt: QEMU meldet sich nicht.',
  'End the other client and try again':
    'Beenden Sie das andere Programm, und versuchen Sie es noch einmal',
  "talk to the machine's QEMU": 'mit dem QEMU der Maschine zu sprechen',
  'this is no path of a socket': 'das ist kein Pfad eines Sockets',
  'the other side sent a line that is too long': 'die Gegenseite hat eine zu lange Zeile gesendet',
  'the other side closed the connection': 'die Gegenseite hat die Verbindung geschlossen',
  '{} (process {})': '{0} (Prozess {1})',
  "make the machine's folder {}": 'den Ordner {} der Maschine anzulegen',
  "write to the machine's folder {}": 'in den Ordner {} der Maschine zu schreiben',
  'find {}': '{} zu finden',
  'run {program}': '{program} auszuführen',
};
