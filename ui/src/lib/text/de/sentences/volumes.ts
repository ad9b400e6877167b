/** The engine's sentences of volumes and checkpoints, in German. */
import type { Sentences } from '../../sentences';

export const volumes: Sentences = {
  'files are being read from it': 'es werden gerade Dateien daraus gelesen',
  "The volume '{volume}' is busy: {what}.": 'Das Volume „{volume}“ ist beschäftigt: {what?}.',
  'Try again when that has ended, or cancel it.':
    'Versuchen Sie es wieder, wenn das fertig ist, oder brechen Sie es ab.',
  'Unmount it there first, or take a checkpoint and look into that.':
    'Hängen Sie es dort zuerst aus, oder nehmen Sie einen Checkpoint auf und sehen Sie in den.',
  'Unmount it there first.': 'Hängen Sie es dort zuerst aus.',
  'It is this checkpoint that is mounted; unmount it first.':
    'Gerade dieser Checkpoint ist eingehängt; hängen Sie ihn zuerst aus.',
  "The volume '{}' is mounted {how} at {} in the machine '{}'.":
    'Das Volume „{0}“ ist in der Maschine „{2}“ unter {1} {how!} eingehängt.',
  "A {what}'s name must not be empty.": 'Ein Name darf nicht leer sein.',
  "A {what}'s name has at most {MAX_NAME_BYTES} bytes; this one has {}.":
    'Ein Name hat höchstens {MAX_NAME_BYTES} Bytes; dieser hat {}.',
  "A {what} cannot be called '{trimmed}'.": '„{trimmed}“ kann kein Name sein.',
  "A {what}'s name must not contain '/'.": 'Ein Name darf kein „/“ enthalten.',
  "A {what}'s name must not contain control characters such as line breaks or tabs.":
    'Ein Name darf keine Zeilenumbrüche, Tabulatoren oder anderen Steuerzeichen enthalten.',
  "A {what} cannot be called '{trimmed}', because that is what ids look like.":
    '„{trimmed}“ kann kein Name sein, denn so sehen Kennungen aus.',
  "A checkpoint cannot be called 'latest', because that word stands for the newest one.":
    'Ein Checkpoint kann nicht „latest“ heißen, denn dieses Wort steht für den neuesten.',
  'There is no such schedule.': 'Einen solchen Zeitplan gibt es nicht.',
  'Periods have at most 527040 minutes (a year), and begin at a minute of the day below 1440.':
    'Abstände haben höchstens 527040 Minuten (ein Jahr) und beginnen in einer Minute des Tages unter 1440.',
  "The volume '{name}' has been deleted.": 'Das Volume „{name}“ wurde gelöscht.',
  'move the volume to the trash': 'das Volume in den Papierkorb zu legen',
  'Deleted volumes can be kept for at most {MOST_DAYS} days, not {days}.':
    'Gelöschte Volumes können höchstens {MOST_DAYS} Tage behalten werden, nicht {days}.',
  '0 removes them when nothing needs them.': 'Bei 0 verschwinden sie, sobald nichts sie braucht.',
  'note how long deleted volumes stay': 'festzuhalten, wie lange gelöschte Volumes bleiben',
  'remove the deleted volume for good': 'das gelöschte Volume endgültig zu entfernen',
  "There is no volume '{volume}' in the trash.": 'Im Papierkorb ist kein Volume „{volume}“.',
  'Look at the list of deleted volumes for its name or id.':
    'In der Liste der gelöschten Volumes stehen Namen und Kennungen.',
  'The volume {} is in the store and in the trash.':
    'Das Volume {} ist im Speicher und im Papierkorb.',
  "Look at the store's folder.": 'Sehen Sie in den Ordner des Speichers.',
  'bring the volume back': 'das Volume zurückzuholen',
  'The manifest of the deleted volume {} is damaged: {why}.':
    'Das Manifest des gelöschten Volumes {} ist beschädigt: {why?}.',
  'Its layers are untouched; copy what you need from its folder in the trash.':
    'Die Schichten sind unversehrt; kopieren Sie, was Sie brauchen, aus seinem Ordner im Papierkorb.',
  "look at the volume's head": 'die oberste Schicht des Volumes anzusehen',
  'it is being deleted': 'es wird gerade gelöscht',
  "There is a volume '{name}' already.": 'Ein Volume „{name}“ gibt es schon.',
  "A new volume cannot be called '{free}', which is too long.":
    'Ein neues Volume kann nicht „{free}“ heißen, das ist zu lang.',
  'Give it a shorter name of your own.': 'Geben Sie ihm einen kürzeren eigenen Namen.',
  "The volume '{}' has {} and cannot shrink to {}.":
    'Das Volume „{0}“ hat {1?} und kann nicht auf {2?} schrumpfen.',
  'Create a smaller volume and copy the files.':
    'Legen Sie ein kleineres Volume an, und kopieren Sie die Dateien.',
  'it is growing': 'es wird gerade vergrößert',
  'A volume needs at least {}; {} is too small.':
    'Ein Volume braucht mindestens {0?}; {1?} ist zu klein.',
  'A volume can have at most {}; {} is too large.':
    'Ein Volume hat höchstens {0?}; {1?} ist zu groß.',
  'Choose a quota such as 10 GiB.': 'Wählen Sie eine Größe wie 10 GiB.',
  "make the volume's folder": 'den Ordner des Volumes anzulegen',
  "name the volume's folder": 'den Ordner des Volumes zu benennen',
  'open the new volume': 'das neue Volume zu öffnen',
  "make the new volume's filesystem": 'das Dateisystem des neuen Volumes anzulegen',
  "make a filesystem's identity": 'eine Kennung für ein Dateisystem zu machen',
  'read-write': 'zum Lesen und Schreiben',
  'read-only': 'nur zum Lesen',
  'process {}': 'Prozess {}',
};
