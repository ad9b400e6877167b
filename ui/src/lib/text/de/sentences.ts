/** What the engine says, in German: a message file for each of its rooms. */
import type { Words } from '../sentences';
import { files } from './sentences/files';
import { uploads } from './sentences/uploads';
import { volumes } from './sentences/volumes';
import { history } from './sentences/history';
import { store } from './sentences/store';
import { machines } from './sentences/machines';
import { snapshots } from './sentences/snapshots';
import { doctor } from './sentences/doctor';
import { mounts } from './sentences/mounts';
import { transfers } from './sentences/transfers';
import { watches } from './sentences/watches';
import { qemu } from './sentences/qemu';
import { guests } from './sentences/guests';
import { libvirt } from './sentences/libvirt';
import { disks } from './sentences/disks';
import { layers } from './sentences/layers';
import { filesystems } from './sentences/filesystems';
import { shell } from './sentences/shell';
import { system } from './sentences/system';

export const words: Words = {
  tongue: {
    between: ' ',
    row: ', ',
    half: '; ',
    stop: '.',
    point: ',',
    units: { byte: 'Byte', bytes: 'Bytes' },
  },
  sentences: [
    files,
    uploads,
    volumes,
    history,
    store,
    machines,
    snapshots,
    doctor,
    mounts,
    transfers,
    watches,
    qemu,
    guests,
    libvirt,
    disks,
    layers,
    filesystems,
    shell,
    system,
  ],
};
