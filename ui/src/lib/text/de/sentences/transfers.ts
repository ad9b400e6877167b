/** The engine's sentences of imports, exports and transfers, in German. */
import type { Sentences } from '../../sentences';

export const transfers: Sentences = {
  'Take a checkpoint, and export that; or export the files as tar.':
    'Nehmen Sie einen Checkpoint auf und exportieren Sie den; oder exportieren Sie die Dateien als tar.',
  'make a folder': 'einen Ordner anzulegen',
  'put the export in its place': 'den Export an seinen Ort zu bringen',
  'write the export': 'den Export zu schreiben',
  "look at the volume's layers": 'die Schichten des Volumes anzusehen',
  'read the volume': 'das Volume zu lesen',
  "'{}' is no name for a file.": '„{}“ ist kein Name für eine Datei.',
  'Name the file.': 'Geben Sie der Datei einen Namen.',
  'There is no folder {}.': 'Den Ordner {} gibt es nicht.',
  'Choose one that is there.': 'Wählen Sie einen, den es gibt.',
  '{} is a folder.': '{} ist ein Ordner.',
  'Name a file in it.': 'Nennen Sie eine Datei darin.',
  'There is a file {} already.': 'Eine Datei {} gibt es schon.',
  'Choose another name, or say that it is to be replaced.':
    'Wählen Sie einen anderen Namen, oder geben Sie an, dass sie ersetzt werden soll.',
  'look at the free space': 'den freien Platz festzustellen',
  'The export needs up to {}, and there {} are free.':
    'Der Export braucht bis zu {0?}, und dort sind {1?} frei.',
  'Nothing was written; choose another disk, or export as tar.':
    'Nichts wurde geschrieben; wählen Sie eine andere Platte, oder exportieren Sie als tar.',
  'its file': 'seine Datei',
  "The import needs {}, and this computer's disk has {} free.":
    'Der Import braucht {0?}, und auf der Festplatte dieses Computers sind {1?} frei.',
  'Free some space there.': 'Schaffen Sie dort Platz.',
  'There is no file {} that could be imported.':
    'Es gibt keine Datei {}, die importiert werden könnte.',
  'Give the absolute path of an image or archive on this computer.':
    'Geben Sie den absoluten Pfad eines Abbilds oder Archivs auf diesem Computer an.',
  'read what is to be imported': 'zu lesen, was importiert werden soll',
  '{} is not a file, so it cannot be imported.':
    '{} ist keine Datei und kann nicht importiert werden.',
  'Import an image or an archive; a folder is copied into a volume of its own.':
    'Importieren Sie ein Abbild oder Archiv; ein Ordner wird in ein eigenes Volume kopiert.',
  'A disk image has a size of its own, which is not {}.':
    'Ein Abbild hat seine eigene Größe, und die ist nicht {0?}.',
  'Import it without a quota, and let the volume grow afterwards.':
    'Importieren Sie es ohne Größe, und vergrößern Sie das Volume danach.',
  'An archive has no partitions.': 'Ein Archiv hat keine Partitionen.',
  'Import it without naming one.': 'Importieren Sie es, ohne eine anzugeben.',
  'it is compressed by gzip, and there is no tar archive in it':
    'es ist mit gzip komprimiert, und darin ist kein tar-Archiv',
  "Decompress it with 'gunzip -k', and take what comes out.":
    "Entpacken Sie es mit 'gunzip -k', und nehmen Sie, was herauskommt.",
  'it is compressed by {name}, which Cairn does not read':
    'es ist mit {name} komprimiert, was Cairn nicht liest',
  "Decompress it with '{tool}', and take what comes out.":
    "Entpacken Sie es mit '{tool}', und nehmen Sie, was herauskommt.",
  'read the archive': 'das Archiv zu lesen',
  'a path in it leads out of where it goes, so that it was made to do harm':
    'ein Pfad darin führt aus seinem Ziel hinaus; es wurde in böser Absicht gemacht',
  'Nothing of it was kept.': 'Nichts davon wurde behalten.',
  "'{}' cannot be unpacked: {why}.": '„{}“ kann nicht entpackt werden: {why?}.',
  "The archive '{}' is damaged or not complete: {}.":
    'Das Archiv „{0}“ ist beschädigt oder nicht vollständig: {1?}.',
  'Nothing of it was kept; fetch the archive again.':
    'Nichts davon wurde behalten; laden Sie das Archiv noch einmal.',
  "it has sparse files in GNU's old format": 'es enthält löchrige Dateien im alten GNU-Format',
  "Make it anew with 'tar --format=posix -S'.": "Machen Sie es neu mit 'tar --format=posix -S'.",
  "a header's checksum is wrong": 'die Prüfsumme eines Kopfes ist falsch',
  'the records about a member are too long': 'die Angaben zu einem Eintrag sind zu lang',
  'the records about a member make no sense': 'die Angaben zu einem Eintrag ergeben keinen Sinn',
  'the map of a sparse file makes no sense': 'die Karte einer löchrigen Datei ergibt keinen Sinn',
  'a file in it is longer than it says': 'eine Datei darin ist länger als angegeben',
  'it uses what Cairn does not read ({why})': 'es benutzt etwas, was Cairn nicht liest ({why})',
  'Unpack it, and copy the folder into a volume.':
    'Entpacken Sie es, und kopieren Sie den Ordner in ein Volume.',
  'LUKS, which is encrypted': 'LUKS, das verschlüsselt ist',
  'no partitions': 'keine Partitionen',
  'no such partition': 'keine solche Partition',
  'it has {has} that is number {number}': 'es hat {has!}; gefragt war Nummer {number}',
  "Look at it with 'fdisk -l'.": "Sehen Sie es sich mit 'fdisk -l' an.",
  'it has several partitions with an ext4 filesystem: {}':
    'es hat mehrere Partitionen mit einem ext4-Dateisystem: {}',
  'Say which one is meant, by its number.': 'Geben Sie mit ihrer Nummer an, welche gemeint ist.',
  'Make an archive of its files, and import that.':
    'Machen Sie aus den Dateien ein Archiv, und importieren Sie das.',
  'open the imported disk': 'den importierten Datenträger zu öffnen',
  'open the filesystem of the image': 'das Dateisystem des Abbilds zu öffnen',
  'write to the imported disk': 'auf den importierten Datenträger zu schreiben',
  'check the filesystem of the image': 'das Dateisystem des Abbilds zu prüfen',
  'its filesystem is damaged: {}': 'sein Dateisystem ist beschädigt: {0?}',
  "Repair a copy of it with 'e2fsck -f', and import that.":
    "Reparieren Sie eine Kopie davon mit 'e2fsck -f', und importieren Sie die.",
  'import the image': 'das Abbild zu importieren',
  'it was cancelled': 'es wurde abgebrochen',
  "'{name}' cannot become a volume: {why}.": '„{name}“ kann kein Volume werden: {why?}.',
  'no partition of it has an ext4 filesystem: {}':
    'keine seiner Partitionen hat ein ext4-Dateisystem: {}',
  'it holds no ext4 filesystem but {name}': 'es enthält kein ext4-Dateisystem, sondern {name?}',
  'it holds no ext4 filesystem, and nothing else that is known':
    'es enthält kein ext4-Dateisystem und nichts anderes, was bekannt wäre',
  "Left out of '{name}', because they have no content: {left_out} devices or pipes.":
    'Aus „{name}“ weggelassen, weil sie keinen Inhalt haben: {left_out} Gerätedateien oder Pipes.',
  "'{}' is another name of '{original}' in the archive, which does not come before it.":
    '„{}“ ist ein weiterer Name von „{original}“, das im Archiv nicht davor steht.',
  'Nothing of it was kept; make the archive anew.':
    'Nichts davon wurde behalten; machen Sie das Archiv neu.',
  "'{path}' is in the archive as a folder and as a file.":
    '„{path}“ ist im Archiv sowohl ein Ordner als auch eine Datei.',
  'The archive is damaged or not complete: {}.':
    'Das Archiv ist beschädigt oder nicht vollständig: {0?}.',
  'Nothing of it was kept; fetch it again.':
    'Nichts davon wurde behalten; laden Sie es noch einmal.',
  "'{}' is under way already.": '„{}“ ist schon unterwegs.',
  "There is no transfer '{id}'.": 'Es gibt keine Übertragung „{id}“.',
  'Retry it.': 'Versuchen Sie es erneut.',
  'There is nothing to resume.': 'Es gibt nichts fortzusetzen.',
  "'{}' is not paused.": '„{}“ ist nicht angehalten.',
  'under way': 'unterwegs',
  "'{}' is {how}, so it is not begun again.":
    '„{}“ ist {how!} und wird nicht noch einmal begonnen.',
  "'{}' has ended, so it cannot be paused.": '„{}“ ist zu Ende und kann nicht angehalten werden.',
  "'{}' cannot be paused: QEMU converts it in one go.":
    '„{}“ kann nicht angehalten werden: QEMU wandelt es in einem Zug um.',
  'Cancel it, and retry it later.': 'Brechen Sie es ab, und versuchen Sie es später erneut.',
  'The transfer was cancelled.': 'Die Übertragung wurde abgebrochen.',
  "it is another transfer's": 'es gehört zu einer anderen Übertragung',
  done: 'fertig',
};
