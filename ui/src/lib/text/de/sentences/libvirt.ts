/** The engine's sentences of machines that libvirt runs, in German. */
import type { Sentences } from '../../sentences';

export const libvirt: Sentences = {
  '{uri:?} is no libvirt daemon of this computer: {why}':
    '{uri:?} ist kein libvirt-Daemon dieses Computers: {why?}',
  'it begins with neither qemu:/// nor qemu+unix:///':
    'es beginnt weder mit qemu:/// noch mit qemu+unix:///',
  'it names neither /session nor /system': 'es nennt weder /session noch /system',
  'it is too long, or has spaces in it': 'es ist zu lang oder enthält Leerzeichen',
  'of its parameters only socket=/PATH and mode= are known here':
    'von den Parametern sind hier nur socket=/PFAD und mode= bekannt',
  "libvirt's command virsh is missing.": 'virsh, der Befehl von libvirt, fehlt.',
  'Install it; on Debian: sudo apt-get install --no-install-recommends libvirt-clients':
    'Installieren Sie ihn; unter Debian: sudo apt-get install --no-install-recommends libvirt-clients',
  'libvirt did not end {name} within {} seconds; it may still do so':
    'libvirt hat {name} nicht innerhalb von {} Sekunden beendet; vielleicht tut es das noch',
  'run virsh': 'virsh auszuführen',
  'virsh failed without a word': 'virsh ist ohne ein Wort gescheitert',
  "libvirt's daemon cannot be reached: {words}.":
    'der Daemon von libvirt ist nicht zu erreichen: {words?}.',
  'Look whether it runs and whether this user may use it':
    'Sehen Sie nach, ob er läuft und ob dieser Benutzer ihn benutzen darf',
  'libvirt says that the domain does not run': 'libvirt sagt, dass die Domain nicht läuft',
  "the guest's agent does not answer: {words}": 'der Agent des Gasts antwortet nicht: {words?}',
  'the machine has no disk {serial}': 'die Maschine hat keinen Datenträger {serial}',
  'Unmount a volume from it first, or add {options} to its devices (virsh edit), then shut it down and start it again':
    'Hängen Sie zuerst ein Volume aus, oder fügen Sie {options} ihren Geräten hinzu (virsh edit), fahren Sie sie herunter und starten Sie sie wieder',
  'nothing can be plugged into the machine ({}) while it runs':
    'in die Maschine ({}) kann im Betrieb nichts eingesteckt werden',
  'all {total} slots of the machine are taken': 'alle {total} Steckplätze der Maschine sind belegt',
  'read the overlay': 'das Overlay zu lesen',
  'could not put the overlay on top': 'das Overlay ließ sich nicht aufsetzen',
  "the machine's QEMU runs as user {runs_as}, and {path} belongs to user {}: libvirt would take it from its owner.":
    'das QEMU der Maschine läuft als Benutzer {runs_as}, und {path} gehört Benutzer {}: libvirt würde es seinem Besitzer wegnehmen.',
  "Have libvirt run the machine as that user; 'cairn vm doctor' says how":
    "Lassen Sie libvirt die Maschine als diesen Benutzer ausführen; 'cairn vm doctor' sagt, wie",
  'could not let the disk grow': 'der Datenträger ließ sich nicht vergrößern',
  'could not limit what goes through the disk':
    'was durch den Datenträger geht, ließ sich nicht begrenzen',
  'somebody looks at another disk of the machine, and libvirt shows one at a time; try again when that has ended':
    'jemand sieht sich einen anderen Datenträger der Maschine an, und libvirt zeigt nur einen auf einmal; versuchen Sie es danach noch einmal',
  'could not look at the disk while the guest writes it':
    'der Datenträger ließ sich nicht ansehen, während der Gast schreibt',
  "a socket's path has at most {LONGEST_SOCKET_PATH} bytes, and {name} is longer":
    'der Pfad eines Sockets hat höchstens {LONGEST_SOCKET_PATH} Bytes, und {name} ist länger',
  'connect to the disk that libvirt shows':
    'sich mit dem Datenträger zu verbinden, den libvirt zeigt',
  "libvirt did not end the look at a disk; 'virsh domjobabort' may help":
    "libvirt hat das Ansehen eines Datenträgers nicht beendet; 'virsh domjobabort' hilft vielleicht",
  'libvirt cannot be told {text:?}: it has a control character in it':
    '{text:?} kann libvirt nicht gesagt werden: darin ist ein Steuerzeichen',
  "libvirt's description of the domain makes no sense: {why}":
    'die Beschreibung der Domain durch libvirt ergibt keinen Sinn: {why?}',
  'it describes something else': 'sie beschreibt etwas anderes',
  'it has no devices': 'sie hat keine Geräte',
};
