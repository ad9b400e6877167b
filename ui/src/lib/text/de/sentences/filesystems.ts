/** The engine's sentences of ext4 filesystems and what is wrong with them, in German. */
import type { Sentences } from '../../sentences';

export const filesystems: Sentences = {
  block: 'Block',
  blocks: 'Blöcke',
  cluster: 'Cluster',
  clusters: 'Cluster',
  inode: 'Inode',
  inodes: 'Inodes',
  'unknown {set} {unknown:#x}': '{set?} unbekannt: {unknown}',
  'blocks {start}+{count} cannot belong to a file':
    'die Blöcke {start}+{count} können zu keiner Datei gehören',
  'the block bitmap of group {group} contradicts the files':
    'das Block-Bitmap der Gruppe {group} widerspricht den Dateien',
  'a group has no bitmap': 'eine Gruppe hat kein Bitmap',
  'the counts of free blocks contradict the bitmaps':
    'die Zahlen freier Blöcke widersprechen den Bitmaps',
  'no journal, so that a change could not be made safely,':
    'kein Journal, sodass eine Änderung nicht sicher wäre,',
  'the two filesystems are not states of one and the same':
    'die beiden Dateisysteme sind nicht Stände ein und desselben',
  'the checksum of inode {number} is wrong': 'die Prüfsumme der Inode {number} ist falsch',
  'a folder contains itself': 'ein Ordner enthält sich selbst',
  'the folder {number} is not in the folder above it':
    'der Ordner {number} ist nicht in dem Ordner über ihm',
  'the folder {} does not know the folder above it':
    'der Ordner {} kennt den Ordner über ihm nicht',
  'a difference without sides': 'ein Unterschied ohne Seiten',
  'a directory entry cannot be': 'ein Ordnereintrag ist unmöglich',
  "a node of a folder's index cannot be": 'ein Knoten im Index eines Ordners ist unmöglich',
  "the root of a folder's index cannot be": 'die Wurzel im Index eines Ordners ist unmöglich',
  'the directory hash {version}': 'den Ordner-Hash {version}',
  'an empty block of a folder has no room': 'ein leerer Block eines Ordners hat keinen Platz',
  'the index of the folder {} has no room': 'der Index des Ordners {} hat keinen Platz',
  'a block of a folder is full of nothing': 'ein Block eines Ordners ist voll von nichts',
  "a folder's index has no root": 'der Index eines Ordners hat keine Wurzel',
  "the folder's index is full": 'der Index des Ordners ist voll',
  "a folder's index points at its own root":
    'der Index eines Ordners zeigt auf seine eigene Wurzel',
  'the folder {} has more blocks than the filesystem':
    'der Ordner {} hat mehr Blöcke als das Dateisystem',
  'the size of the folder {} cannot be': 'die Größe des Ordners {} ist unmöglich',
  'block {logical} of the folder {} is missing': 'der Block {logical} des Ordners {} fehlt',
  'the folder {} has an entry whose name cannot be':
    'der Ordner {} hat einen Eintrag mit einem unmöglichen Namen',
  'an entry of the folder {} cannot be': 'ein Eintrag des Ordners {} ist unmöglich',
  'a node of an extent tree cannot be': 'ein Knoten eines Extent-Baums ist unmöglich',
  'content inside an inode (inline_data)': 'Inhalt in einer Inode (inline_data)',
  'a block map instead of extents for a file that is to grow':
    'eine Blockliste statt Extents bei einer Datei, die wachsen soll',
  'the extents of inode {} overlap': 'die Extents der Inode {} überlappen',
  'an extent of inode {} cannot be': 'ein Extent der Inode {} ist unmöglich',
  'the extent tree of inode {} is out of order': 'der Extent-Baum der Inode {} ist durcheinander',
  "inode {} claims block {block}, which cannot be a file's":
    'die Inode {} beansprucht den Block {block}, der keiner Datei gehören kann',
  'an index of an extent tree is empty': 'ein Index eines Extent-Baums ist leer',
  'the extents of inode {} contradict each other': 'die Extents der Inode {} widersprechen sich',
  'incompatible feature': 'unverträgliches Merkmal',
  'the feature {names}': 'das Merkmal {names}',
  'read-only compatible feature': 'nur zum Lesen verträgliches Merkmal',
  'no journal, so that a change could not be made safely':
    'kein Journal, sodass eine Änderung nicht sicher wäre',
  'block maps instead of extents, as ext2 and ext3 do':
    'Blocklisten statt Extents, wie ext2 und ext3',
  'directory entries without a type (no filetype)': 'Ordnereinträge ohne Art (no filetype)',
  'the filesystem uses the feature {name}, with which this engine does not let it grow':
    'das Dateisystem benutzt das Merkmal {name}, mit dem diese Engine es nicht wachsen lässt',
  'the size of inode {} cannot be': 'die Größe der Inode {} ist unmöglich',
  'a filesystem can have from 4 MiB to 16 TiB': 'ein Dateisystem kann 4 MiB bis 16 TiB haben',
  'a label may have at most 16 bytes': 'eine Bezeichnung hat höchstens 16 Bytes',
  'the device has no room for the tables of its block groups':
    'der Datenträger hat keinen Platz für die Tabellen seiner Blockgruppen',
  'the descriptor of group {group} cannot be': 'der Deskriptor der Gruppe {group} ist unmöglich',
  'the resize inode cannot be': 'die Inode zum Vergrößern ist unmöglich',
  'inode {} is longer than a block map': 'die Inode {} ist länger als eine Blockliste',
  'the block map of inode {} cannot be': 'die Blockliste der Inode {} ist unmöglich',
  'the block map of inode {} has no end': 'die Blockliste der Inode {} hat kein Ende',
  'a block map names blocks beyond the largest file':
    'eine Blockliste nennt Blöcke jenseits der größten Datei',
  'the content inside inode {} cannot be': 'der Inhalt in der Inode {} ist unmöglich',
  'the counts of free inodes contradict the bitmaps':
    'die Zahlen freier Inodes widersprechen den Bitmaps',
  'an entry points at the reserved inode {number}':
    'ein Eintrag zeigt auf die reservierte Inode {number}',
  'an entry points at inode {number}, which is free':
    'ein Eintrag zeigt auf die Inode {number}, die frei ist',
  'inode {number} was never used': 'die Inode {number} wurde nie benutzt',
  'an inode does not fit its table': 'eine Inode passt nicht in ihre Tabelle',
  'there is no inode {number}': 'es gibt keine Inode {number}',
  'the journal has holes': 'das Journal hat Löcher',
  'the journal ends too early': 'das Journal endet zu früh',
  'the journal starts before its first block': 'das Journal beginnt vor seinem ersten Block',
  'the journal changes a block outside the filesystem':
    'das Journal ändert einen Block außerhalb des Dateisystems',
  "the journal's copy of block {number} is damaged":
    'die Kopie des Blocks {number} im Journal ist beschädigt',
  'the journal has no copy': 'das Journal hat keine Kopie',
  'a journal that was replayed in memory cannot be written to':
    'auf ein nur im Arbeitsspeicher nachgespieltes Journal kann nicht geschrieben werden',
  'the journal has no superblock': 'das Journal hat keinen Superblock',
  'a journal of version 1': 'ein Journal der Version 1',
  'fast commits (fast_commit) that have to be replayed':
    'schnelle Commits (fast_commit), die nachzuspielen sind',
  'the journal feature {unknown:#x}': 'das Journal-Merkmal {unknown:#x}',
  'the journal has a kind of checksum that cannot be':
    'das Journal hat eine unmögliche Art von Prüfsumme',
  "the checksum of the journal's superblock is wrong":
    'die Prüfsumme des Superblocks im Journal ist falsch',
  "the journal's superblock cannot be": 'der Superblock des Journals ist unmöglich',
  "the superblock's {what} cannot be": 'im Superblock ist unmöglich: {what!}',
  'it has {} blocks of {size} bytes, the device has only {device_len} bytes':
    'es hat {} Blöcke von {size} Bytes, der Datenträger nur {device_len} Bytes',
  'number of group descriptors': 'Zahl der Gruppendeskriptoren',
  'a block size of 2^{log} KiB cannot be': 'eine Blockgröße von 2^{log} KiB ist unmöglich',
  "the superblock's cluster size cannot be": 'die Clustergröße im Superblock ist unmöglich',
  "the superblock's number of blocks cannot be": 'die Zahl der Blöcke im Superblock ist unmöglich',
  "the superblock's number of groups cannot be": 'die Zahl der Gruppen im Superblock ist unmöglich',
  'the journal has to be replayed, but there is none':
    'das Journal muss nachgespielt werden, aber es gibt keines',
  'the journal belongs to another filesystem': 'das Journal gehört zu einem anderen Dateisystem',
  'a journal on another device': 'ein Journal auf einem anderen Datenträger',
  'a part of the group descriptors lies outside the filesystem':
    'ein Teil der Gruppendeskriptoren liegt außerhalb des Dateisystems',
  "the checksum of group {group}'s descriptor is wrong":
    'die Prüfsumme des Deskriptors der Gruppe {group} ist falsch',
  'inode {number} cannot be an orphan': 'die Inode {number} kann nicht verwaist sein',
  'the orphan file cannot be': 'die Datei der Verwaisten ist unmöglich',
  'inode {} is of no known kind': 'die Inode {} ist von keiner bekannten Art',
  'a link has no target': 'eine Verknüpfung hat kein Ziel',
  'the target of link {} cannot be': 'das Ziel der Verknüpfung {} ist unmöglich',
  'the folders have more blocks than the filesystem':
    'die Ordner haben mehr Blöcke als das Dateisystem',
  'a folder can be reached in two ways': 'ein Ordner ist auf zwei Wegen zu erreichen',
  'the folders above form a circle': 'die Ordner darüber bilden einen Kreis',
  'a folder does not know its parent': 'ein Ordner kennt den Ordner über ihm nicht',
  'the checksum of block {block} is wrong': 'die Prüfsumme des Blocks {block} ist falsch',
  'block {block} lies outside the filesystem': 'der Block {block} liegt außerhalb des Dateisystems',
  'there is no block group {group}': 'es gibt keine Blockgruppe {group}',
  "the superblock's checksum is wrong": 'die Prüfsumme des Superblocks ist falsch',
  'the device is too small for a superblock': 'der Datenträger ist zu klein für einen Superblock',
  'a checksum other than crc32c': 'eine andere Prüfsumme als crc32c',
  'block {block} is not part of the transaction': 'der Block {block} gehört nicht zur Transaktion',
  'its attributes cannot be: {why}': 'seine Attribute sind unmöglich: {why?}',
  'its block of attributes has no valid header': 'sein Attributblock hat keinen gültigen Kopf',
  'its block of attributes cannot be: {why}': 'sein Attributblock ist unmöglich: {why?}',
  'the block of attributes {block} says that {says} files share it, in truth {found} do':
    'der Attributblock {block} sagt, dass ihn {says} Dateien teilen, in Wahrheit sind es {found}',
  'an entry does not end': 'ein Eintrag endet nicht',
  'an entry is of no kind of attribute': 'ein Eintrag ist von keiner Art von Attribut',
  'a value is said to stand in an inode of its own': 'ein Wert soll in einer eigenen Inode stehen',
  'the hash of an entry is wrong': 'der Hash eines Eintrags ist falsch',
  'a value lies over the header': 'ein Wert liegt über dem Kopf',
  'a value lies outside': 'ein Wert liegt außerhalb',
  'two values overlap, or one lies over the entries':
    'zwei Werte überlappen, oder einer liegt über den Einträgen',
  'the superblock says that {says} {what} are free, in truth {found} are':
    'der Superblock sagt, {says} {what!} seien frei, in Wahrheit sind es {found}',
  'the group says that {says} {} are free, in truth {free} are':
    'die Gruppe sagt, {says} {} seien frei, in Wahrheit sind es {free}',
  'inodes are free': 'freie Inodes',
  'inodes are folders': 'Inodes von Ordnern',
  'the group says that {says} {what}, in truth {found} are':
    'die Gruppe zählt {says} {what!}, in Wahrheit sind es {found}',
  'the group says that its inodes were never used, but some are':
    'die Gruppe sagt, ihre Inodes seien nie benutzt worden, doch einige wurden es',
  'the bitmap says that {what} {at} is free, but it is in use ({missing} such)':
    'das Bitmap sagt, {what!} {at} sei frei, doch das wird benutzt (so ist es {missing}-mal)',
  'the bitmap says that {what} {at} is in use, but nothing uses it ({leaked} such)':
    'das Bitmap sagt, {what!} {at} sei belegt, doch nichts benutzt das (so ist es {leaked}-mal)',
  'it claims blocks {start}+{count}, which lie outside the filesystem':
    'es beansprucht die Blöcke {start}+{count}, die außerhalb des Dateisystems liegen',
  "is one of the filesystem's own tables": 'eine Tabelle des Dateisystems selbst ist',
  'belongs to something else already': 'schon zu etwas anderem gehört',
  'it claims block {taken}, which {owner}': 'es beansprucht den Block {taken}, der {owner!}',
  'a node of its extent tree says that it has little room':
    'ein Knoten seines Extent-Baums gibt zu wenig Platz an',
  'a node of its extent tree starts elsewhere than the node above it says':
    'ein Knoten seines Extent-Baums beginnt anderswo, als der Knoten darüber sagt',
  'its extents are out of order or overlap': 'seine Extents sind durcheinander oder überlappen',
  'a part of the folder was never written': 'ein Teil des Ordners wurde nie geschrieben',
  "the folder's first entry is not . for itself":
    'der erste Eintrag des Ordners ist nicht . für ihn selbst',
  "the folder's second entry is not .. for its parent":
    'der zweite Eintrag des Ordners ist nicht .. für den darüber',
  'the name {} stands twice': 'der Name {} steht zweimal da',
  'the folder has the name {}, which cannot be a name':
    'der Ordner hat den Namen {}, der keiner sein kann',
  'the name {} points at inode {}, which it cannot':
    'der Name {} zeigt auf die Inode {}, was er nicht kann',
  'the name {} points at inode {}, which is free':
    'der Name {} zeigt auf die Inode {}, die frei ist',
  'the name {} is the second one of a folder': 'der Name {} ist der zweite eines Ordners',
  'the name {} says the wrong kind': 'der Name {} nennt die falsche Art',
  'the name {} stands where the index does not look for it':
    'der Name {} steht, wo der Index ihn nicht sucht',
  "the folder's index has the hash version {}, which cannot be":
    'der Index des Ordners hat die Hash-Version {}, die es nicht gibt',
  "the folder's index has a flag that nobody knows":
    'der Index des Ordners hat ein Kennzeichen, das niemand kennt',
  "the folder's index leaves some of its blocks out":
    'der Index des Ordners lässt einige seiner Blöcke aus',
  "the hashes in the folder's index are out of order":
    'die Hashes im Index des Ordners sind durcheinander',
  "the folder's index names block {child} twice, or has no such block":
    'der Index des Ordners nennt den Block {child} zweimal, oder es gibt ihn nicht',
  'the root is not a folder': 'die Wurzel ist kein Ordner',
  "the inode's checksum is wrong": 'die Prüfsumme der Inode ist falsch',
  'it has no names, but was never deleted': 'es hat keine Namen, wurde aber nie gelöscht',
  'it is in use, but says when it was deleted':
    'es wird benutzt, sagt aber, wann es gelöscht wurde',
  'no kind of file has the mode {:#o}': 'keine Art von Datei hat den Modus {:#o}',
  'the mode of this reserved inode cannot be': 'der Modus dieser reservierten Inode ist unmöglich',
  'its i_extra_isize of {extra} cannot be': 'sein i_extra_isize von {extra} ist unmöglich',
  'something that has no content has a size': 'etwas ohne Inhalt hat eine Größe',
  'a field that has to be 0 is not': 'ein Feld, das 0 sein muss, ist es nicht',
  "the folder's size of {size} bytes is not that of its blocks":
    'die Größe des Ordners von {size} Bytes ist nicht die seiner Blöcke',
  'its size of {size} bytes does not fit its blocks':
    'seine Größe von {size} Bytes passt nicht zu seinen Blöcken',
  'it says that it takes {says} sectors, in truth it takes {found}':
    'es will {says} Sektoren belegen, in Wahrheit sind es {found}',
  "the length of the link's target is wrong": 'die Länge des Ziels der Verknüpfung ist falsch',
  'it has a flag of AFS (imagic)': 'es hat ein Kennzeichen von AFS (imagic)',
  'it has extents in a filesystem without them': 'es hat Extents in einem Dateisystem ohne solche',
  'something that has no content has extents or an index':
    'etwas ohne Inhalt hat Extents oder einen Index',
  'something that is not a folder has an index': 'etwas, das kein Ordner ist, hat einen Index',
  'the folder has an index in a filesystem without them':
    'der Ordner hat einen Index in einem Dateisystem ohne solche',
  'its content is said to stand in the inode, in a filesystem without such':
    'sein Inhalt soll in der Inode stehen, in einem Dateisystem ohne solches',
  'something that has no content is said to have it in the inode':
    'etwas ohne Inhalt soll ihn in der Inode haben',
  'it is said to hold a value of an attribute, in a filesystem without such':
    'es soll den Wert eines Attributs enthalten, in einem Dateisystem ohne solches',
  'something that is not a file is said to hold a value of an attribute':
    'etwas, das keine Datei ist, soll den Wert eines Attributs enthalten',
  'its content is said to stand in the inode and in extents':
    'sein Inhalt soll in der Inode und in Extents stehen',
  'something that is not a folder compares names without regard to case':
    'etwas, das kein Ordner ist, vergleicht Namen ohne Groß- und Kleinschreibung',
  'its content is said to stand in the inode, which has no attribute for the end of it':
    'sein Inhalt soll in der Inode stehen, die kein Attribut für dessen Ende hat',
  'its size of {size} bytes does not fit the {room} bytes inside the inode':
    'seine Größe von {size} Bytes passt nicht in die {room} Bytes in der Inode',
  'the folder says that inode {up} is its parent': 'der Ordner sagt, die Inode {up} sei über ihm',
  'the block {block} of the multiple mount protection cannot be its own':
    'der Block {block} des Schutzes vor mehrfachem Einhängen kann nicht sein eigener sein',
  'the block of the multiple mount protection is none':
    'der Block des Schutzes vor mehrfachem Einhängen ist keiner',
  'the checksum of the block of the multiple mount protection is wrong':
    'die Prüfsumme des Blocks zum Schutz vor mehrfachem Einhängen ist falsch',
  'a check of the filesystem is under way, or was interrupted':
    'eine Prüfung des Dateisystems läuft oder wurde unterbrochen',
  'the filesystem is in use on some computer, or was not unmounted':
    'das Dateisystem ist auf einem Computer in Benutzung oder wurde nicht ausgehängt',
  'the sequence number of the multiple mount protection cannot be':
    'die laufende Nummer des Schutzes vor mehrfachem Einhängen ist unmöglich',
  'its revision is newer than any that there is': 'seine Revision ist neuer, als es eine gibt',
  'it reserves more than half of the blocks': 'es behält mehr als die Hälfte der Blöcke zurück',
  'its clusters are of another size than its blocks, and it has no feature for that':
    'seine Cluster sind anders groß als seine Blöcke, ohne Merkmal dafür',
  'its groups have another number of clusters than of blocks, and it has no feature for that':
    'seine Gruppen haben eine andere Zahl von Clustern als Blöcken, ohne Merkmal dafür',
  'more groups than there can be are to lie together':
    'mehr Gruppen, als es geben kann, sollen beieinanderliegen',
  'it names a file of orphans, and has no feature for that':
    'es nennt eine Datei von Verwaisten, ohne Merkmal dafür',
  'it names files of quotas, and has no feature for that':
    'es nennt Dateien für Kontingente, ohne Merkmal dafür',
  "it names a file of projects' quotas, and has no feature for that":
    'es nennt eine Datei für Kontingente von Projekten, ohne Merkmal dafür',
  'it names a journal on another device beside the one that it has':
    'es nennt ein Journal auf einem anderen Datenträger neben dem, das es hat',
  "the checksum of the group's descriptor is wrong":
    'die Prüfsumme des Gruppendeskriptors ist falsch',
  'the filesystem is marked as having errors': 'das Dateisystem ist als fehlerhaft markiert',
  'the filesystem was not unmounted, and has no journal':
    'das Dateisystem wurde nicht ausgehängt und hat kein Journal',
  'the superblock counts more free blocks than there are blocks':
    'der Superblock zählt mehr freie Blöcke, als es Blöcke gibt',
  'the copy of the superblock is of another filesystem':
    'die Kopie des Superblocks ist von einem anderen Dateisystem',
  'the copy of the superblock is of another size':
    'die Kopie des Superblocks ist von einer anderen Größe',
  'the copy of the superblock is damaged': 'die Kopie des Superblocks ist beschädigt',
  'the superblock names a journal, in a filesystem that has none':
    'der Superblock nennt ein Journal, in einem Dateisystem ohne eines',
  'the journal has a feature that nobody knows': 'das Journal hat ein Merkmal, das niemand kennt',
  'the journal notes that something went wrong': 'das Journal vermerkt, dass etwas schiefging',
  'the journal says that several filesystems use it':
    'das Journal sagt, mehrere Dateisysteme benutzten es',
  'the list of half-deleted files leads to inode {next}, which cannot be in it':
    'die Liste halb gelöschter Dateien führt zur Inode {next}, die nicht darin sein kann',
  'it is in the list of half-deleted files, but is free':
    'es ist in der Liste halb gelöschter Dateien, aber frei',
  'it is half deleted; that is finished when the filesystem is next opened for writing':
    'es ist halb gelöscht; das wird beendet, wenn das Dateisystem wieder zum Schreiben geöffnet wird',
  "the folder's .. points at inode {up}, but it lies in the folder {parent}":
    'das .. des Ordners zeigt auf die Inode {up}, aber er liegt im Ordner {parent}',
  'the folder cannot be reached from the root':
    'der Ordner ist von der Wurzel aus nicht zu erreichen',
  'it holds a value of an attribute, and has a name':
    'es enthält den Wert eines Attributs und hat einen Namen',
  'it is in use and has no name': 'es wird benutzt und hat keinen Namen',
  'it says that it has {links} names, in truth it has {expected}':
    'es will {links} Namen haben, in Wahrheit sind es {expected}',
  'a value of its attributes is said to be in inode {}':
    'ein Wert seiner Attribute soll in der Inode {} stehen',
  'inode {} does not hold the value of its attribute':
    'die Inode {} enthält den Wert seines Attributs nicht',
  'the hash of an attribute is not that of its value':
    'der Hash eines Attributs ist nicht der seines Werts',
  'it holds a value that belongs to no attribute':
    'es enthält einen Wert, der zu keinem Attribut gehört',
  'it says that {says} attributes have its value, in truth {found} have':
    'es sagt, {says} Attribute hätten seinen Wert, in Wahrheit sind es {found}',
  'the value that it holds is longer than it can be':
    'der Wert, den es enthält, ist länger als möglich',
  'the checksum of the value that it holds is wrong':
    'die Prüfsumme des Werts, den es enthält, ist falsch',
  'a write ended in a panic': 'ein Schreiben endete mit einem Absturz',
  'the attributes of inode {} cannot be': 'die Attribute der Inode {} sind unmöglich',
  'an extended attribute cannot be': 'ein erweitertes Attribut ist unmöglich',
  'the access control list of inode {} cannot be': 'die Zugriffsliste der Inode {} ist unmöglich',
  'inode {number} does not hold an attribute of inode {}':
    'die Inode {number} enthält kein Attribut der Inode {}',
  'attributes in inodes of their own (ea_inode)': 'Attribute in eigenen Inodes (ea_inode)',
  'this is not an access control list': 'das ist keine Zugriffsliste',
  'the name of an attribute may not contain a NUL byte':
    'der Name des Attributs darf kein NUL-Byte enthalten',
  "this attribute is the filesystem's own": 'dieses Attribut gehört dem Dateisystem selbst',
  'what is of this kind cannot have such an attribute':
    'was von dieser Art ist, kann ein solches Attribut nicht haben',
  'two of its tables lie over each other at block {start}':
    'zwei seiner Tabellen liegen bei Block {start} übereinander',
};
