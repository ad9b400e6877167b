/** The engine's sentences of watched folders, in German. */
import type { Sentences } from '../../sentences';

export const watches: Sentences = {
  '{MOST} folders are watched already.': 'Es werden schon {MOST} Ordner überwacht.',
  'Watch a folder that they are all in.': 'Überwachen Sie einen Ordner, in dem alle liegen.',
  "the volume's root": 'den obersten Ordner des Volumes',
  '{} is kept in step into {there} already.': '{} wird schon nach {there?} abgeglichen.',
  'Choose another folder of the volume, or stop watching that one.':
    'Wählen Sie einen anderen Ordner des Volumes, oder beenden Sie jenen Abgleich.',
  "{} has Cairn's own store in it, or is in that.":
    '{} enthält den Speicher von Cairn oder liegt darin.',
  'Watch another folder.': 'Überwachen Sie einen anderen Ordner.',
  'There is no folder {} on this computer.': 'Auf diesem Computer gibt es keinen Ordner {}.',
  'Name a folder that is there.': 'Nennen Sie einen Ordner, den es gibt.',
  'look at the folder': 'den Ordner anzusehen',
  '{} is not a folder, so it cannot be watched.':
    '{} ist kein Ordner und kann nicht überwacht werden.',
  'Name the folder that it is in.': 'Nennen Sie den Ordner, in dem es liegt.',
  'The name of {} is not UTF-8.': 'Der Name von {} ist kein UTF-8.',
  'Rename it, or watch another folder.':
    'Benennen Sie ihn um, oder überwachen Sie einen anderen Ordner.',
  'There are more than {MOST_PATTERNS} patterns, or one is very long.':
    'Es sind mehr als {MOST_PATTERNS} Muster, oder eines ist sehr lang.',
  'Write them into a file .gitignore in the folder.':
    'Schreiben Sie sie in eine Datei .gitignore im Ordner.',
  "There is no watched folder '{watch}'.": 'Es gibt keinen überwachten Ordner „{watch}“.',
  "Look at the list of the volume's watched folders for its id.":
    'In der Liste der überwachten Ordner des Volumes steht seine Kennung.',
  'look at a watched file': 'eine überwachte Datei anzusehen',
  '{} has more than {MOST} files, folders and links.':
    '{} hat mehr als {MOST} Dateien, Ordner und Verknüpfungen.',
  'Leave some of them out with patterns, or watch folders in it.':
    'Lassen Sie einige mit Mustern weg, oder überwachen Sie Ordner darin.',
  'read a watched link': 'eine überwachte Verknüpfung zu lesen',
  'Nothing was changed in the volume; put the folder back, or stop watching it.':
    'Im Volume wurde nichts geändert; legen Sie den Ordner wieder hin, oder beenden Sie den Abgleich.',
  'look at the watched folder': 'den überwachten Ordner anzusehen',
  '{} is empty now, as where a disk belongs that is not there.':
    '{} ist jetzt leer, wie ein Ort, an den eine Platte gehört, die nicht da ist.',
  'Nothing was deleted in the volume; delete it there by hand if that is meant.':
    'Im Volume wurde nichts gelöscht; löschen Sie dort von Hand, wenn das gemeint ist.',
  'The folder is not watched any more.': 'Der Ordner wird nicht mehr überwacht.',
  'kept in step': 'abgeglichen',
  'Copying was cancelled.': 'Das Kopieren wurde abgebrochen.',
  'It is begun again when something changes.': 'Es beginnt wieder, wenn sich etwas ändert.',
  'keep a folder in step': 'einen Ordner abzugleichen',
  "the volume's root would be deleted": 'der oberste Ordner des Volumes würde gelöscht',
  'read the watched folders': 'die überwachten Ordner zu lesen',
  ' It is now {}.': ' Sie ist jetzt {}.',
  'The list of watched folders is damaged ({error}); no folder is watched.{kept}':
    'Die Liste der überwachten Ordner ist beschädigt ({error}); kein Ordner wird überwacht.{kept?}',
  'write the watched folders': 'die überwachten Ordner aufzuschreiben',
  'note what a folder has brought': 'festzuhalten, was ein Ordner gebracht hat',
  "'{pattern}' is no pattern: {error}.": '„{pattern}“ ist kein Muster: {error?}.',
  "Write it as in a file .gitignore: 'target/', '*.log', '!keep.log'.":
    "Schreiben Sie es wie in einer Datei .gitignore: 'target/', '*.log', '!keep.log'.",
  'A pattern has more than one line.': 'Ein Muster hat mehr als eine Zeile.',
  'Give each pattern by itself.': 'Geben Sie jedes Muster einzeln an.',
  'all of them together': 'alle zusammen',
  'this computer watches no more folders (fs.inotify.max_user_watches)':
    'dieser Computer überwacht nicht mehr Ordner (fs.inotify.max_user_watches)',
  'Changes are seen once a minute only: {why}.':
    'Änderungen werden nur einmal pro Minute bemerkt: {why?}.',
  '{} is not a folder any more.': '{} ist kein Ordner mehr.',
  '{} is not there any more.': '{} ist nicht mehr da.',
};
