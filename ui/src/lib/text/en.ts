/**
 * Every text of the UI, in English. Sentences say what happened and what to do next.
 *
 * Other languages have the same shape (`Messages`). It knows no component and no store.
 */
import { attach, volumeDrag } from './en/attach';
import { autostart, log, opening, tour } from './en/desk';
import { exchange, fetch, paste, trash } from './en/exchange';
import { deletion, diff, group, history, restorePreview } from './en/history';
import { machines, newMachine, snapshots, terminal } from './en/machines';
import { look } from './en/look';
import { mount } from './en/mount';
import { palette, settings, shortcuts } from './en/shell';
import { refusals, refused } from './en/refusals';
import { chain, policy, space } from './en/space';
import { branch, timeline } from './en/timeline';
import { unpack, watch } from './en/watch';
import { checkpoints, items, plural } from './en/words';

export const en = {
  locale: 'en',
  items,
  files: (count: number) => plural(count, 'file', 'files'),
  checkpoints,
  ofTotal: (part: string, whole: string) => `${part} of ${whole}`,

  common: {
    cancel: 'Cancel',
    clear: 'Clear',
    close: 'Close',
    delete: 'Delete',
    dismiss: 'Dismiss',
    more: 'More actions',
    retry: 'Try again',
    rename: 'Rename',
    loading: 'Loading…',
  },

  time: {
    now: 'just now',
    today: 'Today',
    yesterday: 'Yesterday',
    second: (n: number) => `${n} s`,
    minute: (n: number) => `${n} min`,
    hour: (n: number) => `${n} h`,
    left: (duration: string) => `${duration} left`,
    soon: 'almost done',
  },

  backend: {
    cancelled: 'It was cancelled.',
    unreachable: 'Cairn does not answer.',
    unreachableHint: 'Look whether “cairn serve” still runs, then try again.',
    refused: (status: number) => `Cairn refused the request (HTTP ${status}).`,
    keyHint: 'Enter the key that “cairn serve” printed.',
    andMore: (first: string, more: number) => `${first} and ${more} more`,
  },

  refusals,
  refused,

  connect: {
    title: 'Connect to Cairn',
    body: 'Enter the key that “cairn serve” printed when it started. It stays in this tab only.',
    key: 'Key',
    submit: 'Connect',
    refused: 'Cairn does not know this key. Look at what “cairn serve” printed, and try again.',
    lost: 'Connection lost. Trying to reach Cairn again…',
    failedTitle: 'Cairn cannot be reached',
    inUseTitle: 'The store is in use',
  },

  shell: {
    light: 'Light theme',
    dark: 'Dark theme',
    system: 'Theme of the system',
    machines: 'Machines',
    showMachines: 'Show machines',
    hideMachines: 'Hide machines',
    about: 'About Cairn',
  },

  about: {
    title: 'About Cairn',
    tagline: 'Persistent volumes for local virtual machines.',
    version: 'Version',
    store: 'Store',
    server: 'API server',
    noServer: 'off',
    checks: 'Is everything there?',
    ok: 'as it should be',
    bad: 'needs attention',
    licence: 'Licensed under MIT or Apache-2.0.',
    parts: 'Open-source parts',
    partsBody:
      'Cairn stands on these, among others. QEMU is a program of its own, under the GPL, version 2.',
  },

  volumes: {
    title: 'Volumes',
    list: 'Volumes',
    create: 'New volume',
    search: 'Search volumes',
    order: 'Sort the volumes',
    orders: { name: 'By name', used: 'Fullest first', created: 'Newest first' },
    noneFound: (text: string) => `No volume is called anything like “${text}”.`,
    none: 'No volumes yet.',
    available: 'Not in use',
    inUse: 'In use',
    error: 'Needs attention',
    usageLabel: (name: string) => `Space used in ${name}`,
    onDisk: (size: string) => `${size} on disk`,
    free: (size: string) => `${size} free`,
    mountedIn: (vm: string) => `In ${vm}`,
    mountedMany: (count: number) => `In ${plural(count, 'machine', 'machines')}`,
    chooseTitle: 'Choose a volume',
    chooseBody: 'Its files and its timeline show up here.',
    renameHint: 'Rename this volume',
    newName: 'Name of the volume',
    grow: 'Grow…',
    delete: 'Delete',
    deleteMounted: (vm: string) =>
      `${vm} has this volume. Unmount it first; then it can be deleted.`,
    deleted: (name: string) => `“${name}” is deleted.`,
    created: (name: string) => `“${name}” is ready. Drop files on it.`,
  },

  newVolume: {
    title: 'New volume',
    body: 'A volume is a disk that outlives the machines that use it. It takes up space only as files arrive.',
    name: 'Name',
    quota: 'Size',
    unit: 'Unit',
    nameHint: 'You can rename it at any time.',
    hint: 'The most that it can hold. You can grow it later.',
    submit: 'Create volume',
    afterwards: (count: number) => `Then ${items(count)} will be copied into it.`,
    suggestion: 'data',
  },

  grow: {
    title: (name: string) => `Grow “${name}”`,
    body: (quota: string) => `It holds ${quota} now. A volume can grow, but not shrink.`,
    submit: 'Grow',
    label: 'New size',
    done: (name: string, quota: string) => `“${name}” now holds ${quota}.`,
  },

  panes: {
    label: 'What to see of the volume',
    files: 'Files',
    timeline: 'Timeline',
    space: 'Space',
  },

  filesPane: {
    label: 'Files',
    path: 'Folder path',
    root: 'Top folder',
    up: 'Up one folder',
    upload: 'Add files',
    uploadFiles: 'Files…',
    uploadFolders: 'Folders…',
    newFolder: 'New folder',
    newFolderName: 'Name of the new folder',
    untitled: 'untitled folder',
    filter: 'Filter this folder',
    name: 'Name',
    size: 'Size',
    modified: 'Modified',
    sortBy: (column: string) => `Sort by ${column.toLowerCase()}`,
    open: 'Open',
    look: 'Quick look',
    properties: 'Properties',
    download: 'Download to…',
    downloadBrowser: 'Download',
    renameLabel: (name: string) => `New name of ${name}`,
    selected: (count: number) => `${count.toLocaleString('en')} selected`,
    clearSelection: 'Clear selection',
    deleted: (count: number, first: string) =>
      count === 1 ? `“${first}” is deleted.` : `${items(count)} deleted.`,
    linkTo: (target: string) => `link to ${target}`,
    folder: 'Folder',
    file: 'File',
    link: 'Link',
    other: 'Special file',
    emptyTitle: 'Drop files and folders here',
    emptyBody: 'They are copied into this volume, ready for any machine that mounts it.',
    emptyFolderTitle: 'This folder is empty',
    emptyFolderBody: 'Drop files here, or add them with the button.',
    emptyPastTitle: 'Nothing was here',
    emptyPastBody: (name: string) => `When “${name}” was taken, this folder was empty.`,
    noneMatch: (text: string) => `Nothing in this folder is called anything like “${text}”.`,
    heldTitle: (vm: string) => `${vm} is writing to this volume`,
    heldBody: (path: string) =>
      `It is mounted at ${path}. Only one side may write at a time; unmount it to see and change its files here.`,
    heldTitleUnknown: 'This volume is in use',
    unmount: 'Unmount',
    heldBrowse: (name: string) => `Look into “${name}”`,
    missingTitle: 'This folder is gone',
    missingBody: 'It was renamed or deleted in the meantime.',
    backToTop: 'Go to the top folder',
    failedTitle: 'The files cannot be listed',
    total: (count: number, size: string) => `${items(count)}, ${size} in files`,
    past: (name: string, when: string) => `“${name}”, as it was ${when}`,
    pastReadOnly: 'Read only',
    backToPresent: 'Back to the present',
    putBack: 'Put back',
    putBackTitle: (count: number, first: string) =>
      count === 1
        ? `Put “${first}” back into the present?`
        : `Put ${items(count)} back into the present?`,
    putBackBody: (name: string) =>
      `They go to where they were when “${name}” was taken, and take the place of what has their names now. Everything else stays as it is.`,
  },

  drop: {
    into: (count: number, where: string) => `Copy ${items(count)} into ${where}`,
    unknownCount: (where: string) => `Copy into ${where}`,
    past: 'Checkpoints are never changed. Go back to the present to add files.',
    noVolume: 'Create a volume with these files',
    conflictTitle: (count: number, first: string) =>
      count === 1 ? `“${first}” is already there` : `${items(count)} are already there`,
    conflictBody: (where: string) =>
      `What should happen to what is of the same name in ${where}? Replaced folders are merged. “Keep both” gives the new ones other names.`,
    replace: 'Replace',
    both: 'Keep both',
    skip: 'Skip',
  },

  transfers: {
    title: 'Transfers',
    running: (count: number) => `${count.toLocaleString('en')} under way`,
    allDone: 'All done',
    failed: (count: number) => `${count.toLocaleString('en')} failed`,
    andMore: (first: string, count: number) => `${first} and ${count.toLocaleString('en')} more`,
    clear: 'Clear',
    collapse: 'Hide the list',
    expand: 'Show the list',
    pause: (title: string) => `Pause ${title}`,
    resume: (title: string) => `Resume ${title}`,
    retry: (title: string) => `Retry ${title}`,
    paused: (progress: string) => `Paused at ${progress}`,
    resting: 'Paused',
    allPaused: (count: number) => `${count.toLocaleString('en')} paused`,
    interrupted: 'Interrupted when Cairn ended. Nothing half-written is left.',
    unfinished: (count: number) => `${count.toLocaleString('en')} interrupted`,
    cancel: (title: string) => `Cancel ${title}`,
    upload: 'into',
    download: 'from',
    counting: 'Counting…',
    queued: 'Waiting for its turn',
    cancelled: 'Cancelled. Nothing half-written is left.',
    done: (files: string, size: string, time: string) => `${files}, ${size} in ${time}`,
    progress: (title: string) => `Progress of ${title}`,
    unknownVolume: 'a deleted volume',
    newVolume: 'a new volume',
  },

  machines,
  newMachine,
  terminal,
  snapshots,
  look,
  branch,
  timeline,
  diff,
  history,
  deletion,
  restorePreview,
  group,
  mount,
  space,
  chain,
  policy,
  attach,
  volumeDrag,
  trash,
  exchange,
  fetch,
  paste,
  watch,
  unpack,
  palette,
  shortcuts,
  settings,
  log,
  tour,
  opening,
  autostart,

  toasts: { label: 'Messages' },

  welcome: {
    title: 'Disks that outlive your machines',
    body: 'Cairn keeps volumes for local virtual machines: fill them by dropping files, go back in time, mount them wherever you need them.',
    create: 'Create your first volume',
    steps: [
      { title: 'Create a volume', body: 'A disk with a name. It grows as files arrive.' },
      { title: 'Drop files on it', body: 'No machine has to run for that.' },
      { title: 'Start the demo machine', body: 'A tiny Linux, up in about 5 s.' },
      { title: 'Mount it at /data', body: 'The files are there, inside the machine.' },
    ],
  },

  rules: {
    nameEmpty: 'Give it a name.',
    nameTooLong: (bytes: number) =>
      `The name has ${bytes} bytes, and 255 is the most that it can have.`,
    nameDots: 'A name cannot be “.” or “..”.',
    nameSlash: 'A name cannot contain “/”.',
    nameControl: 'A name cannot contain line breaks or other control characters.',
    nameId: 'This looks like one of Cairn’s own ids. Choose another name.',
    nameTaken: (name: string) => `“${name}” exists already. Choose another name.`,
    quotaEmpty: 'Enter a size.',
    quotaNotNumber: 'Enter the size as a number, for example 10.',
    quotaTooSmall: (min: string) => `The smallest volume has ${min}.`,
    quotaTooBig: (max: string) => `The largest volume has ${max}.`,
    quotaShrinks: (now: string) => `It has ${now} already, and cannot get smaller.`,
    imageEmpty: 'Choose an image, for example /home/ada/debian-12.qcow2.',
    imageRelative: 'The path of the image has to start with “/”.',
    memoryNotNumber: 'Enter the memory as a number, for example 1.',
    memoryTooSmall: (min: string) => `The smallest machine has ${min}.`,
    cpusWrong: (most: number) => `Enter a whole number from 1 to ${most}.`,
    pathEmpty: 'Enter a path, for example /data.',
    pathRelative: 'The path has to start with “/”, for example /data.',
    pathRoot: 'The machine’s own files are at “/”. Choose a folder, for example /data.',
    pathDots: 'The path cannot contain “.” or “..” as a part.',
    pathTaken: (volume: string) => `“${volume}” is mounted there already. Choose another path.`,
  },
};

export type Messages = typeof en;
