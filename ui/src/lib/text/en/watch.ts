/** Texts of folders that are kept in step, and of archives that are unpacked. */
import { plural } from './words';

export const watch = {
  action: 'Keep a folder in step…',
  card: 'Watched folders',
  none: 'No folder of this computer is kept in step into this volume.',
  add: 'Keep a folder in step…',
  title: (volume: string) => `Keep a folder in step into “${volume}”`,
  body: 'Whatever changes in the folder comes into the volume by itself, also after a restart. One way: the folder’s files win. While a machine has the volume it rests, and catches up afterwards.',
  folder: 'Folder',
  folderHint: 'On the computer that Cairn runs on',
  folderEmpty: 'Choose a folder, for example /home/ada/project.',
  folderRelative: 'The path of the folder has to start with “/”.',
  place: 'Into the folder of the volume',
  placeHint: 'It is made when it is not there; empty is the top folder',
  ignore: 'Leave alone',
  ignoreHint:
    'One pattern a line, as in .gitignore. Files of that name in the folder hold, too; .git is left alone.',
  delete: 'Delete in the volume what is deleted in the folder',
  deleteHint: 'Only what has come from the folder',
  submit: 'Keep in step',
  added: (folder: string) => `${folder} is kept in step from now on.`,
  removed: (folder: string) => `${folder} is watched no more. What has come from it stays.`,
  remove: (folder: string) => `Keep ${folder} in step no longer`,
  into: (place: string) => `into ${place}`,
  deletes: 'deletes, too',
  items: (count: number) => plural(count, 'item', 'items'),
  synced: (ago: string) => `in step ${ago}`,
  states: {
    watching: 'In step',
    syncing: 'Catching up',
    paused: 'Paused',
    error: 'Not in step',
  },
};

export const unpack = {
  title: (name: string) => `Unpack “${name}” here?`,
  body: (place: string) =>
    `What is in the archive comes into ${place}: all of it, or nothing. Or the file itself is put there.`,
  conflict: 'Files that are there already',
  conflicts: {
    skip: 'stay as they are',
    replace: 'are replaced',
    fail: 'keep the archive from being unpacked',
  },
  asFile: 'Put as a file',
  submit: 'Unpack',
};
