/** German texts of what one sees when one looks at a file. */
import type { Messages } from '../en';

export const look: Messages['look'] = {
  image: (name) => `Das Bild „${name}“`,
  text: (name) => `Der Anfang von „${name}“`,
  binary: 'Weder Text noch Bild: die ersten Bytes.',
  cut: (shown) => `Die ersten ${shown} werden gezeigt.`,
  tooLarge: (size) =>
    `Bilder von mehr als ${size} werden hier nicht gezeigt. Laden Sie es herunter, um es zu sehen.`,
  brokenImage: 'Dieses Bild kann nicht gezeigt werden: es ist beschädigt oder von unbekannter Art.',
  empty: 'Es ist nichts darin.',
  previous: 'Das vorige',
  next: 'Das nächste',
  properties: 'Eigenschaften',
  kind: 'Art',
  size: 'Größe',
  where: 'Ort',
  modified: 'Geändert',
  permissions: 'Rechte',
  owner: 'Besitzer',
  ownerIds: (user, group) => `Benutzer ${user}, Gruppe ${group}`,
  target: 'Führt nach',
  bytes: (count) => `${count} Bytes`,
  top: 'oberster Ordner',
};
