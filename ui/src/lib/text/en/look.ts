/** Texts of what one sees when one looks at a file, and of its properties. */
export const look = {
  image: (name: string) => `The image “${name}”`,
  text: (name: string) => `The beginning of “${name}”`,
  binary: 'Neither text nor an image: its first bytes.',
  cut: (shown: string) => `The first ${shown} are shown.`,
  tooLarge: (size: string) =>
    `Images of more than ${size} are not shown here. Download it to see it.`,
  brokenImage: 'This image cannot be shown: it is damaged, or of a kind that is not known here.',
  empty: 'There is nothing in it.',
  previous: 'The one before',
  next: 'The next one',
  properties: 'Properties',
  kind: 'Kind',
  size: 'Size',
  where: 'Where',
  modified: 'Modified',
  permissions: 'Permissions',
  owner: 'Owner',
  ownerIds: (user: number, group: number) => `user ${user}, group ${group}`,
  target: 'Leads to',
  bytes: (count: string) => `${count} bytes`,
  top: 'top folder',
};
