/** The engine's sentences of the desktop shell and the server, in German. */
import type { Sentences } from '../../sentences';

export const shell: Sentences = {
  "A machine is reached by the QMP socket of its QEMU or as a domain of libvirt's.":
    'Eine Maschine wird über den QMP-Socket ihres QEMU erreicht oder als Domain von libvirt.',
  "Give either 'qmp', perhaps with 'agent', or 'libvirt'.":
    "Geben Sie entweder 'qmp' an, vielleicht mit 'agent', oder 'libvirt'.",
  "A machine's volume has neither an id nor a name.":
    'Das Volume einer Maschine hat weder Kennung noch Namen.',
  'Give the field volume_id or name.': 'Geben Sie das Feld volume_id oder name an.',
  'A machine boots from an image or from a snapshot, not from both.':
    'Eine Maschine startet von einem Abbild oder von einem Snapshot, nicht von beiden.',
  'There is no home folder to note it in.':
    'Es gibt kein Benutzerverzeichnis, in dem es vermerkt werden könnte.',
  'Set HOME and start Cairn again.': 'Setzen Sie HOME, und starten Sie Cairn neu.',
  '{} could not be changed: {error}.': '{} konnte nicht geändert werden: {error?}.',
  'Look at the permissions of that folder.': 'Sehen Sie sich die Rechte dieses Ordners an.',
  'The clipboard could not be asked: {error}.':
    'Die Zwischenablage ließ sich nicht lesen: {error?}.',
  'The clipboard holds something else by now; nothing was put into the volume.':
    'In der Zwischenablage ist inzwischen etwas anderes; im Volume wurde nichts abgelegt.',
  'Copy it once more, and paste again.':
    'Kopieren Sie es noch einmal, und fügen Sie es wieder ein.',
  'No file dialog could be opened: neither an XDG desktop portal nor zenity is there.':
    'Es ließ sich kein Dateidialog öffnen: weder ein XDG-Desktop-Portal noch zenity ist da.',
  'Install xdg-desktop-portal or zenity, or drop the files onto the window.':
    'Installieren Sie xdg-desktop-portal oder zenity, oder ziehen Sie die Dateien auf das Fenster.',
  "The name of '{}' is not valid UTF-8.": 'Der Name von „{}“ ist kein gültiges UTF-8.',
  'Rename it, or choose the folder that it lies in.':
    'Benennen Sie ihn um, oder wählen Sie den Ordner, in dem es liegt.',
  "'{path}' could not be read: {error}.": '„{path}“ konnte nicht gelesen werden: {error?}.',
  "The language '{language}' is not spoken here.":
    'Die Sprache „{language}“ wird hier nicht gesprochen.',
  'Choose one of: en, de, ja.': 'Wählen Sie eine von: en, de, ja.',
  'It holds now, but could not be remembered for the next start: {why}.':
    'Es gilt jetzt, konnte aber für den nächsten Start nicht vermerkt werden: {why?}.',
  "The key '{}' may only read.": 'Der Schlüssel „{}“ darf nur lesen.',
  "Use a key with the scope 'full', or have its owner create one.":
    'Benutzen Sie einen Schlüssel mit dem Umfang „full“, oder lassen Sie einen anlegen.',
  "The time of the key '{}' is over.": 'Die Zeit des Schlüssels „{}“ ist abgelaufen.',
  "Have its owner create a new one with 'cairn key create'.":
    "Lassen Sie mit 'cairn key create' einen neuen anlegen.",
  "The API key is not this server's.": 'Dieser API-Schlüssel gehört nicht zu diesem Server.',
  'The request carries no API key.': 'Die Anfrage hat keinen API-Schlüssel.',
  "Send the key that stands in the store's file run/api-key, or one of 'cairn key create', as X-API-Key.":
    "Senden Sie den Schlüssel aus der Datei run/api-key des Speichers oder einen von 'cairn key create' als X-API-Key.",
  'The server is answering as many requests as it takes at once.':
    'Der Server beantwortet schon so viele Anfragen, wie er auf einmal annimmt.',
  'Try again in a moment.': 'Versuchen Sie es gleich noch einmal.',
  "The request's body broke off: {error}.": 'Das Gesendete ist abgebrochen: {error?}.',
  'it came in too slowly for {} seconds': '{} Sekunden lang kam es zu langsam',
  "The request's body is larger than the {} MiB that this route takes.":
    'Das Gesendete ist größer als die {} MiB, die hier angenommen werden.',
  "'{path}' has {size} bytes, and none of those in Range.":
    '„{path}“ hat {size} Bytes, und keines der verlangten.',
  "'{path}' is another than the one in If-Match or If-Unmodified-Since.":
    '„{path}“ ist inzwischen eine andere Datei.',
  'Get it as it is now, without that header.': 'Laden Sie sie, wie sie jetzt ist.',
  'Something in Cairn broke while {doing}.': 'In Cairn ist etwas schiefgegangen ({doing}).',
  "The store's log says more; please report it.":
    'Mehr steht im Protokoll des Speichers; bitte melden Sie es.',
  "'{path}' is not an absolute path on this machine.":
    '„{path}“ ist kein absoluter Pfad auf diesem Computer.',
  "'{}' is not an absolute path on this machine.":
    '„{}“ ist kein absoluter Pfad auf diesem Computer.',
  "The volume '{volume}' is not mounted at '{path}' in the machine '{}'.":
    'Das Volume „{volume}“ ist in der Maschine „{}“ nicht unter „{path}“ eingehängt.',
  'List the mounts to see what is where.': 'In der Liste der Mounts steht, was wo ist.',
  "This server answers requests for 'localhost' only; the request's Host header names another.":
    'Dieser Server beantwortet nur Anfragen an „localhost“; diese nennt einen anderen.',
  "The request's Host header is neither an address nor a name that this server was told it has.":
    'Die Anfrage nennt weder eine Adresse noch einen Namen, den dieser Server hat.',
  "This server answers no requests of other sites' pages; the request's Origin header names one.":
    'Dieser Server beantwortet keine Anfragen von Seiten anderer Websites; diese kommt von einer.',
  'Other computers are served over TLS only, and {} is not a loopback address.':
    'Anderen Computern antwortet Cairn nur über TLS, und {} ist keine Adresse dieses Computers.',
  'Add --tls for a certificate that Cairn generates, or --tls-cert and --tls-key for one of yours; or listen on 127.0.0.1 and reach it through an SSH tunnel.':
    'Geben Sie --tls an für ein Zertifikat, das Cairn erzeugt, oder --tls-cert und --tls-key für ein eigenes; oder lauschen Sie auf 127.0.0.1, und nehmen Sie einen SSH-Tunnel.',
  "There is no built web UI in '{}': it has no index.html.":
    'In „{}“ ist keine gebaute Weboberfläche: index.html fehlt.',
  'Build the UI first, or name another folder.':
    'Bauen Sie die Oberfläche zuerst, oder nennen Sie einen anderen Ordner.',
  'The address {addr} is in use by another program.':
    'Die Adresse {addr} benutzt schon ein anderes Programm.',
  'Choose another port, or port 0 for a free one.':
    'Wählen Sie einen anderen Port, oder 0 für einen freien.',
  'The address {addr} cannot be listened on: {error}.':
    'Auf der Adresse {addr} kann nicht gelauscht werden: {error?}.',
};
