/** The engine's sentences of the store, its files and its layers, in German. */
import type { Sentences } from '../../sentences';

export const store: Sentences = {
  "Free some space on this computer's disk and try again.":
    'Schaffen Sie Platz auf der Festplatte dieses Computers und versuchen Sie es noch einmal.',
  'Check the owner and the permissions of that file or folder.':
    'Prüfen Sie Besitzer und Rechte der Datei oder des Ordners.',
  'Choose a folder on a disk that can be written to.':
    'Wählen Sie einen Ordner auf einer Platte, die beschrieben werden kann.',
  'Could not {what} at {}: {}.': 'Es ist nicht gelungen, {what!} ({0}): {1?}.',
  'Name a file that can be read.': 'Nennen Sie eine Datei, die gelesen werden kann.',
  'it gave no reason': 'ohne Angabe eines Grundes',
  'Could not {what}: {error}.': 'Es ist nicht gelungen, {what!}: {error?}.',
  'Delete it with everything in it, if that is meant.':
    'Löschen Sie ihn mit allem, was darin ist, wenn das gemeint ist.',
  'Delete files from the volume, or grow it.':
    'Löschen Sie Dateien aus dem Volume oder vergrößern Sie es.',
  'Go back to a checkpoint, or check the filesystem in a machine.':
    'Gehen Sie zu einem Checkpoint zurück oder prüfen Sie das Dateisystem in einer Maschine.',
  'Could not {what}: {}.': 'Es ist nicht gelungen, {what!}: {0?}.',
  'Start the machine.': 'Starten Sie die Maschine.',
  'Stop the other program that has it open, or unmount it there, then try again.':
    'Beenden Sie das andere Programm, das es offen hat, oder hängen Sie es dort aus, und versuchen Sie es noch einmal.',
  'Go back to a checkpoint, or restore the file from a backup.':
    'Gehen Sie zu einem Checkpoint zurück oder stellen Sie die Datei aus einer Sicherung wieder her.',
  'finish the operation': 'den Vorgang abzuschließen',
  'This engine has been closed.': 'Diese Engine ist schon geschlossen.',
  "There is no volume '{volume}'.": 'Es gibt kein Volume „{volume}“.',
  'Look at the list of volumes for its name or id.':
    'In der Liste der Volumes stehen Namen und Kennungen.',
  'it is damaged': 'er ist beschädigt',
  'move the damaged index aside': 'den beschädigten Index beiseite zu legen',
  'grow the volume': 'das Volume zu vergrößern',
  "grow the volume's filesystem": 'das Dateisystem des Volumes zu vergrößern',
  'write the layer to the disk': 'die Schicht auf die Platte zu schreiben',
  'make a new layer': 'eine neue Schicht anzulegen',
  'name the new layer': 'die neue Schicht zu benennen',
  'make a base': 'eine Basis anzulegen',
  'name the new base': 'die neue Basis zu benennen',
  'see whether the volume can grow': 'festzustellen, ob das Volume wachsen kann',
  "The volume '{name}' of {now} cannot grow to {then}: {error}.":
    'Das Volume „{name}“ kann von {now?} nicht auf {then?} wachsen: {error?}.',
  'Choose a smaller size, or create a new volume and copy the files.':
    'Wählen Sie eine kleinere Größe, oder legen Sie ein neues Volume an und kopieren Sie die Dateien.',
  'look at the new layer': 'die neue Schicht anzusehen',
  'the base does not stand on the layers that it was made on':
    'die Basis steht nicht auf den Schichten, aus denen sie gemacht wurde',
  'open the volume': 'das Volume zu öffnen',
  "The layers of the volume '{}' do not stand on each other as its manifest says; somebody has changed {}.":
    'Die Schichten des Volumes „{0}“ bauen nicht so aufeinander auf, wie sein Manifest sagt; jemand hat {1} geändert.',
  'Restore the layer from a backup, or go back to another checkpoint.':
    'Stellen Sie die Schicht aus einer Sicherung wieder her, oder gehen Sie zu einem anderen Checkpoint zurück.',
  'look at the layer': 'die Schicht anzusehen',
  'look for room that is not used': 'unbenutzten Platz zu suchen',
  "replay the filesystem's journal": 'das Journal des Dateisystems nachzuspielen',
  'remove layers': 'Schichten zu entfernen',
  'remove the layer': 'die Schicht zu entfernen',
  'At most {MOST_LINES} lines of the log are shown at once, not {}.':
    'Höchstens {MOST_LINES} Zeilen des Protokolls werden auf einmal gezeigt, nicht {}.',
  'Ask for fewer.': 'Verlangen Sie weniger.',
  'read the log': 'das Protokoll zu lesen',
  'its head {} is not among its layers': 'die oberste Schicht {} ist nicht unter seinen Schichten',
  'layer {id} stands on {parent}, which is not among its layers':
    'die Schicht {id} steht auf {parent}, was nicht unter seinen Schichten ist',
  'layer {id} stands on itself': 'die Schicht {id} steht auf sich selbst',
  "checkpoint '{}' has no layer": 'der Checkpoint „{}“ hat keine Schicht',
  "write the volume's manifest": 'das Manifest des Volumes zu schreiben',
  "The manifest of the volume '{}' was damaged ({damage}) and has been restored from the generation before it.":
    'Das Manifest des Volumes „{}“ war beschädigt ({damage?}) und wurde aus seiner vorigen Fassung wiederhergestellt.',
  'The manifest at {} is damaged ({damage}), and so is the generation before it.':
    'Das Manifest {} ist beschädigt ({damage?}), und seine vorige Fassung auch.',
  'Its layers are untouched; restore manifest.json from a backup.':
    'Die Schichten sind unversehrt; stellen Sie manifest.json aus einer Sicherung wieder her.',
  'a newer Cairn wrote it (format {format})':
    'ein neueres Cairn hat es geschrieben (Format {format})',
  'write a manifest': 'ein Manifest zu schreiben',
  'it is missing': 'es fehlt',
  'its checksum is wrong': 'die Prüfsumme ist falsch',
  'it belongs to {}': 'es gehört zu {}',
  'put the damaged manifest aside': 'das beschädigte Manifest beiseite zu legen',
  'The cursor is none of this list.': 'Diese Stelle gehört nicht zu dieser Liste.',
  'Give the next_cursor of the page before, or begin without one.':
    'Geben Sie next_cursor der vorigen Seite an, oder beginnen Sie ohne.',
  'The index did not open. It has been moved to {} and {}; nothing is lost.':
    'Der Index ließ sich nicht öffnen. Er liegt jetzt in {0} und {1?}; nichts ist verloren.',
  'is being rebuilt': 'wird neu gemacht',
  'cannot be rebuilt now': 'kann gerade nicht neu gemacht werden',
  "read the store's volumes": 'die Volumes des Speichers zu lesen',
  'remove an unfinished volume': 'ein unfertiges Volume zu entfernen',
  'The volume {id} cannot be used. {error}': 'Das Volume {id} kann nicht benutzt werden. {error?}',
  "The layer {} of the volume '{}' is missing.": 'Die Schicht {0} des Volumes „{1}“ fehlt.',
  'Put it back from a backup; the other files of the volume are untouched.':
    'Holen Sie sie aus einer Sicherung zurück; die anderen Dateien des Volumes sind unversehrt.',
  "What was interrupted on the volume '{name}' could not be finished.":
    'Was am Volume „{name}“ unterbrochen wurde, konnte nicht zu Ende gebracht werden.',
  "{} lies in the folder of the volume '{}' and is no layer of it. It is left alone; `cairn repair` adopts it when it fits.":
    '{0} liegt im Ordner des Volumes „{1}“ und ist keine seiner Schichten. Es bleibt, wo es ist; `cairn repair` nimmt es auf, wenn es passt.',
  "find the store's folder": 'den Ordner des Speichers zu finden',
  "make the store's folder": 'den Ordner des Speichers anzulegen',
  "read the store's folder": 'den Ordner des Speichers zu lesen',
  "{} is not a Cairn store and not empty: '{}' is in it.":
    '{0} ist kein Speicher von Cairn und nicht leer: „{1}“ ist darin.',
  'Choose an empty or a new folder.': 'Wählen Sie einen leeren oder neuen Ordner.',
  "make the store's folder private": 'den Ordner des Speichers vor anderen zu schützen',
  "open the store's lock": 'die Sperre des Speichers zu öffnen',
  'lock the store': 'den Speicher zu sperren',
  "write the store's lock": 'die Sperre des Speichers zu schreiben',
  'another process': 'einem anderen Prozess',
  'The store at {} is in use by {holder}.': 'Der Speicher {} wird gerade von {holder?} benutzt.',
  'Close that Cairn first, or choose another store.':
    'Schließen Sie jenes Cairn zuerst, oder wählen Sie einen anderen Speicher.',
  'Restore it from a backup, or choose another store; the volumes in it are untouched.':
    'Stellen Sie es aus einer Sicherung wieder her, oder wählen Sie einen anderen Speicher; die Volumes darin sind unversehrt.',
  "write the store's file": 'die Datei des Speichers zu schreiben',
  "read the store's file": 'die Datei des Speichers zu lesen',
  '{} was written by a newer Cairn (format {format}, this one knows {FORMAT}).':
    '{} hat ein neueres Cairn geschrieben (Format {format}, dieses kennt {FORMAT}).',
  'Install the newest Cairn and open the store with it.':
    'Installieren Sie das neueste Cairn, und öffnen Sie den Speicher damit.',
  'This is a defect in Cairn; please report it with the log.':
    'Das ist ein Fehler in Cairn; bitte melden Sie ihn mit dem Protokoll.',
  'make a store id': 'eine Kennung für den Speicher zu machen',
};
