/** The engine's sentences of layers and filesystems, in German. */
import type { Sentences } from '../../sentences';

export const disks: Sentences = {
  'reach an exported disk': 'einen gezeigten Datenträger zu erreichen',
  'the connection to an exported disk has ended':
    'die Verbindung zu einem gezeigten Datenträger ist zu Ende',
  'read an exported disk': 'einen gezeigten Datenträger zu lesen',
  'the server does not give {export}: {words}': 'der Server gibt {export} nicht her: {words}',
  "the image's refcount table is full; copy the image with qemu-img convert":
    'die Verweistabelle des Abbilds ist voll; kopieren Sie es mit qemu-img convert',
  'the chain of backing files is deeper than {MAX_DEPTH} layers':
    'die Kette ist tiefer als {MAX_DEPTH} Schichten',
  'the chain of backing files comes back to this image': 'die Kette führt zu diesem Abbild zurück',
  'open the image': 'das Abbild zu öffnen',
  'the image is not a plain file': 'das Abbild ist keine gewöhnliche Datei',
  'create the image': 'das Abbild anzulegen',
  'write the new image': 'das neue Abbild zu schreiben',
  'the file is not a qcow2 image': 'die Datei ist kein qcow2-Abbild',
  "ask for the image's length": 'die Länge des Abbilds festzustellen',
  'read {what} at {offset}': '{what!} an der Stelle {offset} zu lesen',
  'write {what} at {offset}': '{what!} an der Stelle {offset} zu schreiben',
  'make the image durable': 'das Abbild sicher auf die Platte zu bringen',
  'the image is damaged: {message}; look at it with qemu-img check':
    'das Abbild ist beschädigt: {message?}; sehen Sie es sich mit qemu-img check an',
  'the image uses {what}, which Cairn does not handle; convert it with qemu-img convert':
    'das Abbild benutzt {what!}, womit Cairn nicht umgehen kann; wandeln Sie es mit qemu-img convert um',
  'the image is open for reading only': 'das Abbild ist nur zum Lesen offen',
  "an earlier flush of the image failed, so nobody knows what is on the disk; close the image, see to the host's disk, and open it again":
    'ein früheres Schreiben des Abbilds ist fehlgeschlagen, sodass niemand weiß, was auf der Platte ist; schließen Sie es, sehen Sie nach der Platte dieses Computers, und öffnen Sie es wieder',
  "take QEMU's image locks": 'die Sperren zu nehmen, mit denen QEMU Abbilder schützt',
  "look at QEMU's image locks": 'die Sperren anzusehen, mit denen QEMU Abbilder schützt',
  'the image is in use: a running QEMU or another engine has it open; unmount the volume or stop the machine, then try again':
    'das Abbild ist in Benutzung: ein laufendes QEMU oder eine andere Engine hat es offen; hängen Sie das Volume aus oder halten Sie die Maschine an, und versuchen Sie es noch einmal',
  'the image is in use: a running QEMU or another engine has it open for writing; unmount the volume or stop the machine, then try again':
    'das Abbild ist in Benutzung: ein laufendes QEMU oder eine andere Engine hat es zum Schreiben offen; hängen Sie das Volume aus oder halten Sie die Maschine an, und versuchen Sie es noch einmal',
  'all blocks are in use': 'alle Blöcke sind belegt',
  'an earlier write failed ({why}) and took changes of this batch back with it':
    'ein früheres Schreiben ist fehlgeschlagen ({why?}) und hat Änderungen davor mit sich genommen',
  'a folder cannot have a second name': 'ein Ordner kann keinen zweiten Namen haben',
  'it has {LINK_MAX} names, as many as ext4 can count':
    'es hat {LINK_MAX} Namen, mehr kann ext4 nicht zählen',
  "a link's target may be neither empty nor contain a NUL byte":
    'das Ziel einer Verknüpfung darf weder leer sein noch ein NUL-Byte enthalten',
  "the link's target is too long": 'das Ziel der Verknüpfung ist zu lang',
  'something has that name already': 'etwas hat diesen Namen schon',
  'an encrypted folder (encrypt)': 'einen verschlüsselten Ordner (encrypt)',
  'a folder without regard to case (casefold)':
    'einen Ordner ohne Unterschied von Groß- und Kleinschreibung (casefold)',
  'the filesystem is damaged': 'das Dateisystem ist beschädigt',
  'the content to store could not be read':
    'was gespeichert werden sollte, konnte nicht gelesen werden',
  'the filesystem uses {feature}, which this engine does not handle':
    'das Dateisystem benutzt {feature?}, womit diese Engine nicht umgehen kann',
  'the filesystem uses {feature}: this engine reads it, but does not write to it':
    'das Dateisystem benutzt {feature?}: diese Engine liest es, schreibt aber nicht darauf',
  'no room is left in the filesystem: {what}': 'im Dateisystem ist kein Platz mehr: {what!}',
  'the device under the filesystem failed': 'die Platte unter dem Dateisystem hat versagt',
  'the file is in too many pieces': 'die Datei besteht aus zu vielen Stücken',
  'an encrypted file (encrypt)': 'eine verschlüsselte Datei (encrypt)',
  'this is a folder': 'das ist ein Ordner',
  'this is neither a file nor a folder': 'das ist weder eine Datei noch ein Ordner',
  'the file was deleted while it was read': 'die Datei wurde gelöscht, während sie gelesen wurde',
  'an earlier call stopped half-way; the filesystem has to be opened again':
    'ein früherer Vorgang blieb auf halbem Weg stehen; das Dateisystem muss neu geöffnet werden',
  'the filesystem was made to grow to at most {gib} GiB':
    'das Dateisystem ist für höchstens {gib} GiB angelegt',
  'all inodes are in use': 'alle Inodes sind belegt',
  'the change is larger than the journal': 'die Änderung ist größer als das Journal',
  'the folder has as many sub-folders as it can count':
    'der Ordner hat so viele Unterordner, wie er zählen kann',
  "a folder's names do not fit into memory": 'die Namen eines Ordners passen nicht in den Speicher',
  'the device is open for reading only': 'der Datenträger ist nur zum Lesen offen',
  'the device is too small for a filesystem': 'der Datenträger ist zu klein für ein Dateisystem',
  'it is marked as having errors; repair it with e2fsck before writing to it':
    'es ist als fehlerhaft markiert; reparieren Sie es mit e2fsck, bevor darauf geschrieben wird',
  'the root folder itself cannot be changed so':
    'der oberste Ordner selbst kann so nicht geändert werden',
  'a name in the path is empty': 'ein Name im Pfad ist leer',
  'a path may not contain . or ..': 'ein Pfad darf . und .. nicht enthalten',
  'a name may not contain a NUL byte': 'ein Name darf kein NUL-Byte enthalten',
  'a name may have at most 255 bytes': 'ein Name darf höchstens 255 Bytes haben',
  'the path runs in a circle of links': 'der Pfad führt durch Verknüpfungen im Kreis',
  'there is no such file or folder': 'es gibt keine solche Datei und keinen solchen Ordner',
  'a part of the path is not a folder': 'ein Teil des Pfads ist kein Ordner',
  'this is not a symbolic link': 'das ist keine Verknüpfung',
  'an encrypted link (encrypt)': 'eine verschlüsselte Verknüpfung (encrypt)',
  'the folder is not empty': 'der Ordner ist nicht leer',
  'a folder cannot take the place of a file':
    'ein Ordner kann nicht an die Stelle einer Datei treten',
  'a file cannot take the place of a folder':
    'eine Datei kann nicht an die Stelle eines Ordners treten',
  'the folder with the new name is not empty': 'der Ordner mit dem neuen Namen ist nicht leer',
  'a folder cannot be moved into itself': 'ein Ordner kann nicht in sich selbst verschoben werden',
  'an earlier write failed ({why}); the filesystem has to be opened again':
    'ein früheres Schreiben ist fehlgeschlagen ({why?}); das Dateisystem muss neu geöffnet werden',
  'the filesystem is open for reading only': 'das Dateisystem ist nur zum Lesen offen',
  'no ext4 superblock was found': 'ein ext4-Superblock wurde nicht gefunden',
  'the file is larger than what is free': 'die Datei ist größer als der freie Platz',
  'a folder has that name': 'ein Ordner heißt so',
  'the file is larger than ext4 can have it': 'die Datei ist größer, als ext4 sie haben kann',
  'a file that is sealed for good (verity)': 'eine für immer versiegelte Datei (verity)',
  'the file was deleted while it was written to':
    'die Datei wurde gelöscht, während in sie geschrieben wurde',
  "the file's length changed while it was appended to":
    'die Länge der Datei änderte sich, während an sie angehängt wurde',
  'no attribute can have this name': 'kein Attribut kann so heißen',
  'the attributes of one file have to fit into one block':
    'die Attribute einer Datei müssen in einen Block passen',
  'an attribute can have at most 64 KiB': 'ein Attribut kann höchstens 64 KiB haben',
  'it has no such attribute': 'es hat kein solches Attribut',
  'the name of the attribute is too long': 'der Name des Attributs ist zu lang',
  'could not {what} {len} bytes at {offset}: the device ends at {size}':
    '{len} Bytes an der Stelle {offset} sind nicht möglich ({what}): die Platte endet bei {size}',
};
