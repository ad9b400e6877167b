/** The engine's sentences of what is written into a volume, in German. */
import type { Sentences } from '../../sentences';

export const uploads: Sentences = {
  "The path '{shown}' {why}.": 'Der Pfad „{shown}“ {why?}.',
  "Give a path from the volume's root, such as 'photos/2026/cat.jpg'.":
    'Geben Sie einen Pfad vom obersten Ordner des Volumes an, etwa „photos/2026/cat.jpg“.',
  'contains a NUL byte': 'enthält ein NUL-Byte',
  'is longer than {MAX_PATH_BYTES} bytes': 'ist länger als {MAX_PATH_BYTES} Bytes',
  'has an empty name in it': 'enthält einen leeren Namen',
  "must not contain '.' or '..' as a name": 'darf „.“ und „..“ nicht als Namen enthalten',
  'has a name of more than {MAX_NAME_BYTES} bytes in it':
    'enthält einen Namen mit mehr als {MAX_NAME_BYTES} Bytes',
  "The volume contains a file called '{shown}', which is not a name; it was made to do harm, or is damaged.":
    'Das Volume enthält eine Datei namens „{shown}“, was kein Name ist; sie wurde in böser Absicht angelegt oder ist beschädigt.',
  'Download other files one by one, and check the filesystem in a machine.':
    'Laden Sie andere Dateien einzeln herunter, und prüfen Sie das Dateisystem in einer Maschine.',
  'put what was downloaded in its place': 'das Heruntergeladene an seinen Ort zu bringen',
  "The folder '{path}' can be reached in two ways.":
    'Der Ordner „{path}“ ist auf zwei Wegen zu erreichen.',
  '{} is not there (any more).': '{} ist nicht (mehr) da.',
  'Nothing was copied; choose what to upload again.':
    'Nichts wurde kopiert; wählen Sie noch einmal, was hochgeladen werden soll.',
  'More than 4,294,967,295 files cannot be copied at once.':
    'Mehr als 4.294.967.295 Dateien können nicht auf einmal kopiert werden.',
  'Copy fewer folders at a time.': 'Kopieren Sie weniger Ordner auf einmal.',
  "'{path}' is a folder.": '„{path}“ ist ein Ordner.',
  'Download the folder instead, or name a file in it.':
    'Laden Sie stattdessen den Ordner herunter, oder nennen Sie eine Datei darin.',
  'There is nothing to restore.': 'Es gibt nichts zurückzuholen.',
  'Nothing was copied; delete files from the volume, or grow it.':
    'Nichts wurde kopiert; löschen Sie Dateien aus dem Volume, oder vergrößern Sie es.',
  "The upload needs {}, and the volume '{volume}' has {free} free.":
    'Es werden {0?} gebraucht, und im Volume „{volume}“ sind {free?} frei.',
  "The upload needs {}, and this computer's disk has {} free.":
    'Es werden {0?} gebraucht, und auf der Festplatte dieses Computers sind {1?} frei.',
  'Nothing was copied; free some space there.': 'Nichts wurde kopiert; schaffen Sie dort Platz.',
  "The upload has {files} files and folders, and '{volume}' has room for {room} more.":
    'Es sind {files} Dateien und Ordner, und in „{volume}“ ist Platz für {room} weitere.',
  "make a transfer's id": 'eine Kennung für die Übertragung zu machen',
  "'{text}' is not the name of a file.": '„{text}“ ist kein Dateiname.',
  'Send the name that the file has, without the folder that it is in.':
    'Senden Sie den Namen der Datei ohne den Ordner, in dem sie liegt.',
  'write what is sent': 'zu schreiben, was gesendet wird',
  "'{name}' has {}, and this computer's disk has {} free.":
    '„{name}“ hat {0?}, und auf der Festplatte dieses Computers sind {1?} frei.',
  'Nothing was stored; free some space there.':
    'Nichts wurde gespeichert; schaffen Sie dort Platz.',
  "'{name}' did not come as a whole: {}.": '„{name}“ ist nicht vollständig angekommen: {0?}.',
  'Nothing was kept; send it again.': 'Nichts wurde behalten; senden Sie es noch einmal.',
  "'{name}' was to have {}, and {} came.": '„{name}“ sollte {0?} haben, und {1?} sind gekommen.',
  'make a name for a file': 'einen Namen für eine Datei zu machen',
  'keep what comes slowly': 'zu behalten, was langsam kommt',
  "Somebody else is sending '{path}' just now.": 'Jemand anderes sendet gerade „{path}“.',
  'Try again in a moment; a connection that was lost is given up after half a minute.':
    'Versuchen Sie es gleich noch einmal; eine verlorene Verbindung wird nach einer halben Minute aufgegeben.',
  'be written to': 'beschrieben werden',
  'The volume has {MOST} unfinished uploads already.':
    'Das Volume hat schon {MOST} unfertige Uploads.',
  'Go on with them, or forget some.': 'Setzen Sie sie fort, oder verwerfen Sie einige.',
  'The part reaches beyond the end of its file.':
    'Der Teil reicht über das Ende seiner Datei hinaus.',
  "There is no unfinished upload of '{path}'.": 'Es gibt keinen unfertigen Upload von „{path}“.',
  'Begin at its first byte.': 'Beginnen Sie beim ersten Byte.',
  "'{title}' has {}, and {why}.": '„{title}“ hat {0?}, und {why?}.',
  'Nothing was stored; let the volume grow, or free space.':
    'Nichts wurde gespeichert; vergrößern Sie das Volume, oder schaffen Sie Platz.',
  'the volume is smaller: {}': 'das Volume ist kleiner: {0?}',
  "has to lie on this computer's disk twice for a while, which has {} free":
    'muss eine Weile zweimal auf der Festplatte dieses Computers liegen, auf der {0?} frei sind',
  'stage an upload': 'einen Upload zwischenzulagern',
  'More came than the part was said to have.': 'Es kam mehr, als der Teil haben sollte.',
  'Less came than the part was said to have.': 'Es kam weniger, als der Teil haben sollte.',
  'What came is kept; go on behind it.': 'Was kam, ist behalten; machen Sie dahinter weiter.',
  'flush an upload': 'einen Upload auf die Platte zu bringen',
  'its thread broke': 'sein Thread ist abgebrochen',
  'The upload broke off behind {at} of {} bytes: {error}.':
    'Der Upload ist nach {at} von {} Bytes abgebrochen: {error?}.',
  'What has come is kept; go on behind it.':
    'Was gekommen ist, ist behalten; machen Sie dahinter weiter.',
  'read what is known of an upload': 'zu lesen, was von einem Upload bekannt ist',
  'What is known of an upload cannot be read at {}: {error}.':
    'Was von einem Upload bekannt ist, lässt sich nicht lesen ({}): {error?}.',
  'Forget it, and send the file again.': 'Verwerfen Sie ihn, und senden Sie die Datei noch einmal.',
  'write what is known of an upload': 'zu schreiben, was von einem Upload bekannt ist',
  'remove an upload': 'einen Upload zu entfernen',
  "The unfinished upload of '{path}' is of another file: its size or its checksum differs.":
    'Der unfertige Upload von „{path}“ gehört zu einer anderen Datei: Größe oder Prüfsumme sind anders.',
  "{received} of the {size} bytes of '{path}' have come, and the part begins at {}.":
    'Von „{path}“ sind {received} von {size} Bytes da, und der Teil beginnt bei {}.',
  'Ask how far it has come and go on there, or begin again at byte 0.':
    'Fragen Sie, wie weit er ist, und machen Sie dort weiter, oder beginnen Sie wieder bei Byte 0.',
  "A copy into the volume '{}' could not be undone; the next start will.":
    'Eine Kopie in das Volume „{}“ konnte nicht rückgängig gemacht werden; der nächste Start holt das nach.',
  'write to the volume': 'in das Volume zu schreiben',
  "look at '{path}'": '„{path}“ anzusehen',
  "There is no file or folder '{path}' in the volume.":
    'Im Volume gibt es keine Datei und keinen Ordner „{path}“.',
  "read the attributes of '{path}'": 'die Attribute von „{path}“ zu lesen',
  "read the link '{path}'": 'die Verknüpfung „{path}“ zu lesen',
  "make the folder '{path}'": 'den Ordner „{path}“ anzulegen',
  "make the link '{path}'": 'die Verknüpfung „{path}“ anzulegen',
  "give '{original}' the name '{path}'": '„{original}“ den Namen „{path}“ zu geben',
  "set the attributes of '{path}'": 'die Attribute von „{path}“ zu setzen',
  "move '{from}' to '{to}'": '„{from}“ nach „{to}“ zu verschieben',
  'There is no file {} that could be unpacked.':
    'Es gibt keine Datei {}, die entpackt werden könnte.',
  'Give the absolute path of an archive on this computer.':
    'Geben Sie den absoluten Pfad eines Archivs auf diesem Computer an.',
  'read what is to be unpacked': 'zu lesen, was entpackt werden soll',
  "'{}' is not an archive that could be unpacked.":
    '„{}“ ist kein Archiv, das entpackt werden könnte.',
  'Archives are tar, tar.gz and zip; copy anything else as it is.':
    'Archive sind tar, tar.gz und zip; kopieren Sie alles andere, wie es ist.',
  'There is nothing to upload.': 'Es gibt nichts hochzuladen.',
  "'{}' is being {done}": '„{}“ wird gerade {done!}',
  "'{path}' is not a folder, so nothing can go below it.":
    '„{path}“ ist kein Ordner; darunter kann nichts liegen.',
  'Nothing was copied; choose another destination.':
    'Nichts wurde kopiert; wählen Sie ein anderes Ziel.',
  '1 device, socket or pipe was': '1 Gerätedatei, Socket oder Pipe wurde',
  '{count} devices, sockets or pipes were': '{count} Gerätedateien, Sockets oder Pipes wurden',
  '{what} left out, because they have no content to copy: {first}{}.':
    '{what!} weggelassen, weil es dabei keinen Inhalt zu kopieren gibt: {first}{0?}.',
  ' and others': ' und andere',
  '{} vanished while it was being uploaded.': '{} verschwand, während es hochgeladen wurde.',
  'Nothing was copied; upload again when the files have come to rest.':
    'Nichts wurde kopiert; laden Sie es noch einmal hoch, wenn die Dateien zur Ruhe gekommen sind.',
  '{} was changed while it was being uploaded: it got shorter.':
    '{} wurde geändert, während es hochgeladen wurde: es wurde kürzer.',
  '{first} and {others} more': '{first} und {others} weitere',
  "'{path}' is being written": '„{path}“ wird gerade geschrieben',
  'be made': 'angelegt werden',
  "'{path}' is being made": '„{path}“ wird gerade angelegt',
  'be renamed': 'umbenannt werden',
  'be a name': 'ein Name sein',
  "'{from}' cannot be moved to '{to}', which is inside it.":
    '„{from}“ kann nicht nach „{to}“ verschoben werden, was darin liegt.',
  "'{from}' is being renamed": '„{from}“ wird gerade umbenannt',
  'make an id': 'eine Kennung zu machen',
  "make the folder '{path}' in '{}'": 'den Ordner „{path}“ in „{}“ anzulegen',
  "rename '{from}' in '{}'": '„{from}“ in „{}“ umzubenennen',
  'it got shorter': 'es wurde kürzer',
  "'{place}' is a folder.": '„{place}“ ist ein Ordner.',
  "The volume's root cannot {what}.": 'Der oberste Ordner des Volumes kann nicht {what!}.',
  'Name a file or folder in the volume.': 'Nennen Sie eine Datei oder einen Ordner im Volume.',
  "There is something called '{path}' in the volume already.":
    'Im Volume gibt es schon etwas namens „{path}“.',
  'Choose another name, or delete it first.':
    'Wählen Sie einen anderen Namen, oder löschen Sie es zuerst.',
  "write '{path}'": '„{path}“ zu schreiben',
};
