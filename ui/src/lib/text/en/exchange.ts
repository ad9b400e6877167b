/** Texts of the trash, and of volumes that come from files or become one. */
import { plural } from './words';

const days = (n: number) => plural(n, 'day', 'days');

export const trash = {
  title: 'Trash',
  undo: 'Undo',
  inTrash: 'It is in the trash.',
  back: (name: string) => `“${name}” is back.`,
  body: (n: number) => `Deleted volumes can be brought back for ${days(n)}.`,
  emptyListTitle: 'The trash is empty',
  emptyListBody: 'Volumes that you delete wait here for some days and can be brought back whole.',
  deleted: (time: string) => `deleted ${time}`,
  goes: (time: string) => `goes ${time}`,
  onDisk: (size: string) => `${size} on disk`,
  checkpoints: (n: number) => plural(n, 'checkpoint', 'checkpoints'),
  undelete: 'Bring back',
  undeleteLabel: (name: string) => `Bring back “${name}”`,
  remove: 'Remove for good',
  removeLabel: (name: string) => `Remove “${name}” for good`,
  removeTitle: (name: string) => `Remove “${name}” for good?`,
  removeBody: (size: string) =>
    `Its files and checkpoints are lost then; ${size} on this computer’s disk come back. This cannot be undone.`,
  empty: 'Empty the trash',
  emptyTitle: (n: number) => `Remove ${plural(n, 'volume', 'volumes')} for good?`,
  emptyBody: 'Their files and checkpoints are lost then. This cannot be undone.',
  keep: 'Keep deleted volumes for',
  days,
};

export const exchange = {
  import: 'Import a volume…',
  importTitle: 'Import a volume',
  importBody:
    'A disk image with an ext4 filesystem (raw, qcow2, vmdk, vdi, vhdx) or an archive (tar, tar.gz, zip) becomes a volume of its own. The file stays as it is.',
  file: 'Image or archive',
  fileHint: 'A file on the computer that Cairn runs on',
  fileHintBrowser: 'A file on the computer that Cairn runs on; or choose one of yours',
  fileSent: (size: string) => `${size} from this computer are sent to Cairn first`,
  fileEmpty: 'Choose a file, for example /home/ada/disk.vmdk.',
  fileRelative: 'The path of the file has to start with “/”.',
  choose: 'Choose…',
  name: 'Name of the volume',
  partition: 'Partition',
  partitionHint: 'Only when several partitions of an image have an ext4 filesystem',
  partitionWrong: 'Enter a whole number from 1 on, or nothing.',
  importSubmit: 'Import',
  importing: (name: string) => `“${name}” is being imported.`,
  imported: (name: string) => `“${name}” is ready.`,
  export: 'Export…',
  exportTitle: (name: string) => `Export “${name}”`,
  exportBody: 'What the volume holds is written into one file, which other programs can read.',
  what: 'What',
  present: 'The present',
  format: 'Format',
  formats: {
    qcow2: { label: 'qcow2', hint: 'A disk image for QEMU that takes up only what is used.' },
    raw: { label: 'Raw', hint: 'The disk’s bytes as they are, with holes; for any program.' },
    tar: { label: 'tar', hint: 'An archive of the files, with owners, permissions and links.' },
  },
  to: 'File',
  toHint: 'On the computer that Cairn runs on; a file that is there stays',
  exportSubmit: 'Export',
  exporting: (name: string) => `“${name}” is being exported.`,
  drop: (name: string) => `Import ${name} as a new volume`,
};

export const fetch = {
  action: 'From the web…',
  title: 'Add a file from the web',
  body: (place: string) =>
    `It is copied into ${place}. A connection that breaks off is taken up again.`,
  url: 'Address',
  urlEmpty: 'Enter the address of a file, for example https://example.org/data.csv.',
  urlWrong: 'An address begins with https:// or http://.',
  sum: 'SHA-256 (optional)',
  sumHint: 'A file that is not the expected one is not copied',
  sumWrong: 'A SHA-256 has 64 hexadecimal digits.',
  unpack: 'Unpack it',
  unpackHint: 'What is in the archive comes into the folder: all of it, or nothing',
  submit: 'Add',
};

export const paste = {
  action: 'From the clipboard',
  nothing: 'The clipboard holds nothing that could become a file.',
  names: { text: 'Pasted text.txt', image: 'Pasted picture.png' },
};
