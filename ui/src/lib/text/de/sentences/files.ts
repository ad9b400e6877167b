/** The engine's sentences of looking at, copying and fetching files, in German. */
import type { Sentences } from '../../sentences';

export const files: Sentences = {
  'read what was uploaded': 'zu lesen, was hochgeladen wurde',
  '{what} is not what its checksum says: its SHA-256 is {self}, not {expected}.':
    '{what!} ist nicht, was die Prüfsumme sagt: SHA-256 ist {self}, nicht {expected}.',
  'Nothing was changed; send it again.': 'Nichts wurde geändert; senden Sie es noch einmal.',
  'There is nothing to put into the archive.': 'Es gibt nichts, was ins Archiv könnte.',
  "Name at least one file or folder; '/' is the whole volume.":
    'Nennen Sie mindestens eine Datei oder einen Ordner; „/“ ist das ganze Volume.',
  "The archive would contain two things of the name '{path}'.":
    'Das Archiv enthielte zweierlei unter dem Namen „{path}“.',
  'Make two archives of them.': 'Machen Sie zwei Archive daraus.',
  "The folder '{path}' contains itself.": 'Der Ordner „{path}“ enthält sich selbst.',
  'The filesystem is damaged; go back to a checkpoint.':
    'Das Dateisystem ist beschädigt; gehen Sie zu einem Checkpoint zurück.',
  ' and {more} more': ' und {more} weitere',
  "Left out of the archive, because tar has no place for sockets: '{names}'{more}.":
    "Nicht im Archiv, weil tar keinen Platz für Sockets hat: '{names}'{more?}.",
  'The archive is not complete, because its receiver takes no more: {error}.':
    'Das Archiv ist nicht vollständig, weil sein Empfänger nichts mehr annimmt: {error?}.',
  'it ended before its length': 'sie endete vor ihrer angegebenen Länge',
  "'{}' is not a folder, and {} files are to go there.":
    '„{0}“ ist kein Ordner, und {1} Dateien sollen dorthin.',
  "End the destination with '/' to have the folder made.":
    'Beenden Sie das Ziel mit „/“, damit der Ordner angelegt wird.',
  "Two of the files to copy would both become '{}'.":
    'Zwei der Dateien, die kopiert werden sollen, würden beide zu „{}“.',
  'Copy them one after the other, to different folders.':
    'Kopieren Sie sie nacheinander in verschiedene Ordner.',
  "There is a file '{}' already.": 'Eine Datei „{}“ gibt es schon.',
  'Nothing was copied; choose to replace or to skip files that are there.':
    'Nichts wurde kopiert; wählen Sie, ob vorhandene Dateien ersetzt oder übersprungen werden.',
  "'{}' would become {wanted}, but {there} of that name is there.":
    '„{}“ würde {wanted!}, aber dort ist {there?} dieses Namens.',
  'Nothing was copied; rename or delete one of them.':
    'Nichts wurde kopiert; benennen Sie eines von beiden um oder löschen Sie es.',
  "'{place}' is another than the one that was meant.":
    '„{place}“ ist nicht mehr das, was gemeint war.',
  "There is no '{place}' that could be the one that was meant.":
    'Es gibt kein „{place}“, das gemeint sein könnte.',
  'Nothing was written; look at what is there now.':
    'Nichts wurde geschrieben; sehen Sie nach, was jetzt dort ist.',
  'There is nothing to copy.': 'Es gibt nichts zu kopieren.',
  'Name at least one file or folder.': 'Nennen Sie mindestens eine Datei oder einen Ordner.',
  "'{path}' cannot be copied into itself.": '„{path}“ kann nicht in sich selbst kopiert werden.',
  'Name a place outside of it.': 'Nennen Sie einen Ort außerhalb.',
  "'{from}' and where it is to go are the same.": '„{from}“ und das Ziel sind dasselbe.',
  'Give the copy another name.': 'Geben Sie der Kopie einen anderen Namen.',
  'keep what was deleted': 'zu behalten, was gelöscht wurde',
  'there is no checkpoint': 'es gibt keinen Checkpoint',
  'be deleted': 'gelöscht werden',
  'There is nothing to delete.': 'Es gibt nichts zu löschen.',
  'Name files or folders in the volume.': 'Nennen Sie Dateien oder Ordner im Volume.',
  "'{first}' is being deleted": '„{first}“ wird gerade gelöscht',
  '{many} files and folders are being deleted': '{many} Dateien und Ordner werden gerade gelöscht',
  "Could not delete '{path}': the folder is not empty.":
    '„{path}“ kann nicht gelöscht werden: der Ordner ist nicht leer.',
  'There is nothing to download.': 'Es gibt nichts herunterzuladen.',
  'note where files gather': 'festzuhalten, wo die Dateien gesammelt werden',
  'make a folder for the download': 'einen Ordner für den Download anzulegen',
  'write the download to the disk': 'den Download auf die Platte zu schreiben',
  'make a link': 'eine Verknüpfung anzulegen',
  'write the file': 'die Datei zu schreiben',
  'find the destination': 'das Ziel zu finden',
  'look at the destination': 'das Ziel anzusehen',
  'The folder above {} is not there.': 'Den Ordner über {} gibt es nicht.',
  'Make it first, or choose another destination.':
    'Legen Sie ihn zuerst an, oder wählen Sie ein anderes Ziel.',
  'make the destination': 'das Ziel anzulegen',
  'The download needs {}, and there are {} free at {}.':
    'Der Download braucht {0?}, und in {2} sind {1?} frei.',
  'Nothing was copied; free some space, or choose another disk.':
    'Nichts wurde kopiert; schaffen Sie Platz, oder wählen Sie eine andere Platte.',
  'set the permissions and times of a folder': 'Rechte und Zeiten eines Ordners zu setzen',
  'Cairn was closed.': 'Cairn wurde geschlossen.',
  'Try again later; nothing was copied.':
    'Versuchen Sie es später noch einmal; nichts wurde kopiert.',
  'make a client of HTTP': 'einen HTTP-Client zu machen',
  'Look at the address.': 'Sehen Sie sich die Adresse an.',
  'the server has another file there by now': 'der Server hat dort inzwischen eine andere Datei',
  'the server answered {status}': 'der Server hat mit {status} geantwortet',
  'write what was fetched': 'zu schreiben, was geladen wurde',
  'the connection broke off': 'die Verbindung ist abgebrochen',
  'Nothing was copied; let the volume grow, or free space.':
    'Nichts wurde kopiert; vergrößern Sie das Volume, oder schaffen Sie Platz.',
  'The file has {} or more, and the volume is smaller: {}.':
    'Die Datei hat {0?} oder mehr, und das Volume ist kleiner: {1?}.',
  "The file has {}, and this computer's disk has {} free.":
    'Die Datei hat {0?}, und auf der Festplatte dieses Computers sind {1?} frei.',
  'read what was fetched': 'zu lesen, was geladen wurde',
  "'{}' is not the expected file: its SHA-256 is {found}, not {expected}.":
    '„{}“ ist nicht die erwartete Datei: SHA-256 ist {found}, nicht {expected}.',
  'Nothing was copied; look at the address and at the checksum.':
    'Nichts wurde kopiert; sehen Sie sich die Adresse und die Prüfsumme an.',
  "Could not fetch '{}' from {host}: {why}.":
    '„{}“ konnte von {host} nicht geladen werden: {why?}.',
  'the server does not answer': 'der Server antwortet nicht',
  'This is no address of a file on the web: {why}.':
    'Das ist keine Adresse einer Datei im Web: {why?}.',
  'Give one such as https://example.org/data.csv.':
    'Geben Sie eine an wie https://example.org/data.csv.',
  'it is too long': 'sie ist zu lang',
  "'{}' is not http or https": '„{}“ ist weder http noch https',
  'it names no server': 'sie nennt keinen Server',
  'A SHA-256 has 64 hexadecimal digits.': 'Ein SHA-256 hat 64 Hexadezimalziffern.',
  "Give it as 'sha256sum' prints it, or leave it out.":
    'Geben Sie ihn so an, wie „sha256sum“ ihn ausgibt, oder lassen Sie ihn weg.',
  "The machine '{}' has the volume '{}', and no guest agent that could change files in it.":
    'Die Maschine „{0}“ hat das Volume „{1}“, aber keinen Gast-Agenten, der Dateien darin ändern könnte.',
  'Install qemu-guest-agent in the guest, or unmount the volume first.':
    'Installieren Sie qemu-guest-agent im Gast, oder hängen Sie das Volume zuerst aus.',
  'delete files': 'Dateien zu löschen',
  "copy files into '{}' in '{}'": 'Dateien nach „{0}“ in „{1}“ zu kopieren',
  "The volume '{}' is not mounted at {} any more.":
    'Das Volume „{0}“ ist nicht mehr unter {1} eingehängt.',
  'Nothing was copied; try again.': 'Nichts wurde kopiert; versuchen Sie es noch einmal.',
  'make a disk for what is uploaded': 'einen Datenträger für das Hochgeladene zu machen',
  'fill a disk': 'einen Datenträger zu füllen',
  'read what is to be uploaded': 'zu lesen, was hochgeladen werden soll',
  "look at the files of '{}' while the machine writes":
    'die Dateien von „{}“ anzusehen, während die Maschine schreibt',
  'read what the machine shows': 'zu lesen, was die Maschine zeigt',
  'a folder': 'ein Ordner',
  'a file': 'eine Datei',
  'The content': 'Der Inhalt',
  'The file': 'Die Datei',
  'The part': 'Der Teil',
  copied: 'kopiert',
  restored: 'zurückgeholt',
  unpacked: 'entpackt',
  uploaded: 'hochgeladen',
  "read '{path}'": '„{path}“ zu lesen',
  "read '{from}'": '„{from}“ zu lesen',
  "read '{}'": '„{}“ zu lesen',
  "list '{path}'": '„{path}“ aufzulisten',
  "delete '{path}'": '„{path}“ zu löschen',
};
