/** The engine's sentences of qcow2 files and what is wrong with them, in German. */
import type { Sentences } from '../../sentences';

export const layers: Sentences = {
  corrupt: 'als beschädigt',
  'a data cluster': 'einen Datencluster',
  'L1 table': 'L1-Tabelle',
  'read the raw file': 'die Rohdatei zu lesen',
  'write the raw file': 'die Rohdatei zu schreiben',
  'a read that is too long': 'zu viel Gelesenes',
  'something that is no reply': 'etwas, das keine Antwort ist',
  'a reply to another request': 'eine Antwort auf eine andere Anfrage',
  'another greeting': 'eine andere Begrüßung',
  'an old kind of handshake': 'eine alte Art der Begrüßung',
  'a name that is too long': 'einen zu langen Namen',
  'something that is no reply to an option': 'etwas, das keine Antwort auf eine Option ist',
  'a reply that is too long': 'eine zu lange Antwort',
  'no length of the disk': 'keine Länge des Datenträgers',
  'too many replies': 'zu viele Antworten',
  'the server sent {what}': 'der Server hat etwas Falsches gesendet: {what!}',
  'an exported disk is only read': 'ein gezeigter Datenträger wird nur gelesen',
  'a table of {want} clusters': 'eine Tabelle von {want} Clustern',
  "the backing file {name:?} is not a plain file name in the image's own folder":
    'die Datei darunter, {name:?}, ist kein einfacher Dateiname im Ordner des Abbilds',
  'the chain has {} layers, not {layers}': 'die Kette hat {} Schichten, nicht {layers}',
  'an image cannot have {size} bytes; choose a multiple of 512, at least 512':
    'ein Abbild kann nicht {size} Bytes haben; nehmen Sie ein Vielfaches von 512, mindestens 512',
  'an image cannot have {size} bytes; the format ends at {max}':
    'ein Abbild kann nicht {size} Bytes haben; das Format endet bei {max}',
  'an overlay of {size} bytes would cut off its backing file of {smaller} bytes':
    'ein Overlay von {size} Bytes schnitte die Datei darunter mit {smaller} Bytes ab',
  'L2 slice {number} has no table': 'der L2-Abschnitt {number} hat keine Tabelle',
  'an L2 table': 'eine L2-Tabelle',
  'the L1 table': 'die L1-Tabelle',
  'an image of {old_size} bytes cannot shrink to {new_size}':
    'ein Abbild von {old_size} Bytes kann nicht auf {new_size} schrumpfen',
  'an image cannot have {new_size} bytes; choose a multiple of 512':
    'ein Abbild kann nicht {new_size} Bytes haben; nehmen Sie ein Vielfaches von 512',
  'an image cannot have {new_size} bytes; that is too large for the format':
    'ein Abbild kann nicht {new_size} Bytes haben; das ist zu groß für das Format',
  'the backing file is larger than the image, so growing would let its end show':
    'die Datei darunter ist größer als das Abbild; beim Wachsen käme ihr Ende zum Vorschein',
  'a longer L1 table': 'eine längere L1-Tabelle',
  "so long a backing file's name that the header cannot be written in one piece":
    'einen so langen Namen der Datei darunter, dass der Kopf nicht in einem Stück geschrieben werden kann',
  'the header': 'den Kopf',
  'the file ends inside the header': 'die Datei endet im Kopf',
  'version {other} of the format': 'Version {other} des Formats',
  'clusters of 2^{} bytes are not allowed': 'Cluster von 2^{} Bytes sind nicht erlaubt',
  'a header of {header_length} bytes is not allowed':
    'ein Kopf von {header_length} Bytes ist nicht erlaubt',
  'refcounts of 2^{} bits are not allowed': 'Verweiszähler von 2^{} Bits sind nicht erlaubt',
  'an L1 table of {entries} entries does not fit a size of {size} bytes':
    'eine L1-Tabelle mit {entries} Einträgen passt nicht zu einer Größe von {size} Bytes',
  'a refcount table of {refcount_bytes} bytes is not allowed':
    'eine Verweistabelle von {refcount_bytes} Bytes ist nicht erlaubt',
  'refcount table': 'Verweistabelle',
  "the backing file's name lies outside the first cluster":
    'der Name der Datei darunter liegt außerhalb des ersten Clusters',
  "backing file's name": 'Name der Datei darunter',
  'a header extension runs out of the first cluster':
    'eine Erweiterung des Kopfes reicht über den ersten Cluster hinaus',
  "backing file's format": 'Format der Datei darunter',
  'incompatible feature bits that are not known ({unknown:#x})':
    'unbekannte unverträgliche Merkmale ({unknown:#x})',
  'an external data file': 'eine Datei mit Daten außerhalb',
  'a compression type other than zlib': 'eine andere Kompression als zlib',
  'a backing file of format {format}': 'eine Datei darunter im Format {format}',
  'dirty (its refcounts may be stale)':
    'als unsauber (seine Verweiszähler sind vielleicht veraltet)',
  'the image is marked {mark}; repair it with qemu-img check -r all before it is written':
    'das Abbild ist markiert {mark!}; reparieren Sie es mit qemu-img check -r all, bevor darauf geschrieben wird',
  'version 2 of the format, for writing': 'Version 2 des Formats, zum Schreiben',
  'refcounts of {} bits, for writing': 'Verweiszähler von {} Bits, zum Schreiben',
  'internal snapshots, for writing': 'Snapshots im Abbild, zum Schreiben',
  'persistent bitmaps, for writing': 'dauerhafte Bitmaps, zum Schreiben',
  'unknown autoclear features ({:#x}), for writing': 'unbekannte Merkmale ({:#x}), zum Schreiben',
  'refcounts of {} bits, for counting': 'Verweiszähler von {} Bits, zum Zählen',
  'internal snapshots, for counting': 'Snapshots im Abbild, zum Zählen',
  'autoclear features ({:#x}), for counting': 'Merkmale ({:#x}), zum Zählen',
  'the {what} at {offset} does not lie inside the file':
    'nicht in der Datei liegt an der Stelle {offset}: {what!}',
  'a {what} that is not UTF-8': 'kein UTF-8: {what!}',
  'the file ends inside {what} at {offset}':
    'die Datei endet zu früh, an der Stelle {offset} ({what!})',
  'the L2 table at {table} does not lie inside the file':
    'die L2-Tabelle an der Stelle {table} liegt nicht in der Datei',
  'an L2 table at {table} is not aligned':
    'eine L2-Tabelle an der Stelle {table} ist nicht ausgerichtet',
  'cluster {cluster} has no L2 table': 'der Cluster {cluster} hat keine L2-Tabelle',
  'compressed clusters': 'komprimierte Cluster',
  'the L2 entry of cluster {cluster} contradicts itself':
    'der L2-Eintrag des Clusters {cluster} widerspricht sich',
  'there are no layers to merge': 'es gibt keine Schichten zu verschmelzen',
  'there is no image to open': 'es gibt kein Abbild zu öffnen',
  'the chain has {} layers below, not {layers}':
    'die Kette hat {} Schichten darunter, nicht {layers}',
  'an L2 entry contradicts itself': 'ein L2-Eintrag widerspricht sich',
  'the data cluster at {offset} lies outside the file':
    'der Datencluster an der Stelle {offset} liegt außerhalb der Datei',
  'the refcount table': 'die Verweistabelle',
  'refcount block {index} at {offset} does not lie inside the file':
    'der Verweisblock {index} an der Stelle {offset} liegt nicht in der Datei',
  'two of its tables share the cluster at {offset}':
    'zwei seiner Tabellen teilen sich den Cluster an der Stelle {offset}',
  'the data cluster at {offset} is one of its own tables':
    'der Datencluster an der Stelle {offset} ist eine seiner eigenen Tabellen',
  'the cluster at {offset} is in use but has refcount {count}, not 1':
    'der Cluster an der Stelle {offset} ist belegt, hat aber den Verweiszähler {count} statt 1',
  'a refcount block': 'einen Verweisblock',
  'refcount block {index} is missing': 'der Verweisblock {index} fehlt',
  'cluster {cluster} of the file has refcount {count}, not {from}':
    'der Cluster {cluster} der Datei hat den Verweiszähler {count}, nicht {from}',
  '{what} at {offset} does not lie inside the file':
    'nicht in der Datei liegt an der Stelle {offset}: {what!}',
  'an entry of the L2 table at {table} contradicts itself':
    'ein Eintrag der L2-Tabelle an der Stelle {table} widerspricht sich',
  'the cluster at {at} is in use and counted as free':
    'der Cluster an der Stelle {at} ist belegt und gilt als frei',
  'the cluster at {at} is used {times} times':
    'der Cluster an der Stelle {at} ist {times}-mal belegt',
  'an entry is wrong about how often the cluster at {at} is used':
    'ein Eintrag irrt darüber, wie oft der Cluster an der Stelle {at} belegt ist',
  'a state of the past is for reading only': 'ein Stand der Vergangenheit ist nur zum Lesen',
  'cluster {cluster} is shared, without an internal snapshot':
    'der Cluster {cluster} ist geteilt, ohne einen Snapshot im Abbild',
  'L2 table {index} is shared, without an internal snapshot':
    'die L2-Tabelle {index} ist geteilt, ohne einen Snapshot im Abbild',
  'a new L2 table': 'eine neue L2-Tabelle',
};
