/** Texts of what differs, of a file's history, and of going back and deleting with the plan in view. */
import { checkpoints, items, plural } from './words';

const layers = (count: number) => plural(count, 'layer', 'layers');

export const diff = {
  pane: 'What differs',
  now: 'Now',
  back: 'Back to the timeline',
  title: (from: string, to: string) => `From “${from}” to ${to}`,
  theNow: 'now',
  action: 'Compare with now',
  mark: (name: string) => `Select “${name}” to compare it`,
  marked: (one: string) => `“${one}” is selected. Select another one, or compare it with now.`,
  markedTwo: (one: string, other: string) => `“${one}” and “${other}”`,
  compare: 'Compare',
  clear: 'Clear selection',
  counts: 'Show only',
  all: 'All',
  kinds: { added: 'Added', removed: 'Removed', changed: 'Changed', renamed: 'Renamed' },
  metadata: 'only permissions, owner or times',
  bothChanged: 'changed, too',
  filter: 'Filter by path',
  list: 'Files and folders that differ',
  from: (path: string) => `was ${path}`,
  sizes: (before: string, after: string) => `${before} → ${after}`,
  none: 'Nothing differs',
  noneBody: 'Every file and folder is the same in both.',
  noneMatch: 'Nothing of this kind',
  noneMatchBody: 'Show all kinds, or clear the filter.',
  showAll: 'Show all',
  truncated: (shown: number, all: number) =>
    `The first ${shown.toLocaleString('en')} of ${items(all)} are listed.`,
  total: (count: number) =>
    count === 1 ? '1 difference' : `${count.toLocaleString('en')} differences`,
  failedTitle: 'The two cannot be compared',
  working: 'Comparing…',
  history: 'History…',
  putBack: (name: string) => `Put back as in “${name}”`,
  putBackTitle: (file: string, name: string) => `Put “${file}” back as it was in “${name}”?`,
  putBackBody:
    'It goes to where it was, and takes the place of what has its name now. Everything else stays as it is.',
  download: (name: string) => `Download as in “${name}”`,
  downloadNow: 'Download as it is now',
  show: (name: string) => `Show in “${name}”`,
  showNow: 'Show as it is now',
};

export const history = {
  action: 'History…',
  title: (name: string) => `History of “${name}”`,
  body: 'Every version that a checkpoint has, newest first. The same content is told once.',
  list: 'Versions',
  kinds: {
    created: 'Created',
    changed: 'Changed',
    deleted: 'Deleted',
    recreated: 'Created again',
  },
  present: 'As it is now',
  deletedNow: 'It is not there now',
  elsewhere: 'Gone back since',
  elsewhereHint: 'The present did not grow from this version: somebody has gone back since.',
  since: (name: string) => `first in “${name}”`,
  sinceNow: 'since the last checkpoint',
  gone: (name: string) => `no longer in “${name}”`,
  putBack: 'Put back',
  putBackLabel: (when: string) => `Put back the version of ${when}`,
  downloadLabel: (when: string) => `Download the version of ${when}`,
  empty: 'No version of it is known',
  emptyBody: 'No checkpoint has anything at this path.',
  held: 'A machine is writing to this volume: what is newer than the last checkpoint is not seen here.',
  failedTitle: 'The history cannot be read',
  putBackDone: (name: string) => `“${name}” is being put back.`,
  lookFor: (name: string) => `Look for “${name}” in the checkpoints`,
};

export const restorePreview = {
  working: 'Looking at what will change…',
  label: 'What will change',
  same: 'No file differs from now.',
  failed: 'What will change cannot be told now.',
  kinds: {
    added: 'comes back',
    removed: 'goes away',
    changed: 'becomes what it was',
    renamed: 'gets its old name',
  },
  counts: {
    added: (n: number) => `${items(n)} ${n === 1 ? 'comes' : 'come'} back`,
    removed: (n: number) => `${items(n)} ${n === 1 ? 'goes' : 'go'} away`,
    changed: (n: number) =>
      n === 1 ? '1 item becomes what it was' : `${items(n)} become what they were`,
    renamed: (n: number) =>
      n === 1 ? '1 item gets its old name' : `${items(n)} get their old names`,
  },
  truncated: (count: number) => `and ${items(count)} more`,
};

export const deletion = {
  working: 'Making the plan…',
  failed: 'It cannot be deleted now',
  nowLabel: 'Comes back now',
  laterLabel: 'Later',
  writtenLabel: 'To be written',
  laterHint: 'As soon as no machine has the layers open.',
  steps: 'What happens on the disk',
  removed: (count: number) =>
    `${layers(count)} ${count === 1 ? 'goes' : 'go'} whole: nothing stands on ${count === 1 ? 'it' : 'them'}.`,
  into: (name: string) => `that of “${name}”`,
  intoPresent: 'the present',
  intoOther: 'one that others stand on',
  merge: (count: number, into: string) =>
    `${count === 1 ? 'One layer is' : `${layers(count)} are`} merged into ${into}`,
  mergeNow: (written: string) => `: ${written} to write.`,
  mergeLater: ', as soon as no machine has it open.',
  mergeShared: ', as soon as no other volume shares it.',
  nothing: 'Nothing has to be moved; only the name goes.',
  submit: 'Delete',
  freed: (name: string, now: string) => `“${name}” is deleted. ${now} came back.`,
  freedLater: (name: string, later: string) =>
    `“${name}” is deleted. ${later} come back when no machine has its layers open any more.`,
  done: (name: string) => `“${name}” is deleted.`,
  pruneTitle: 'Prune automatic checkpoints?',
  pruneBody: (count: number) =>
    `The volume's rule does not keep ${count === 1 ? 'this one' : 'these'}. Checkpoints that you made yourself always stay.`,
  pruneNothing: 'There is nothing to prune',
  pruneNothingBody:
    'Every checkpoint is kept by the volume’s rule, or was made by you. Only automatic ones that the rule does not keep are pruned.',
  pruneSubmit: (count: number) => `Delete ${checkpoints(count)}`,
  changeRule: 'Change the rule…',
  pruneList: 'Checkpoints that go',
  pruned: (count: number) => `${checkpoints(count)} ${count === 1 ? 'is' : 'are'} deleted.`,
};

export const group = {
  action: 'Checkpoint of several volumes…',
  vmAction: 'Checkpoint its volumes…',
  title: 'Checkpoint of several volumes',
  body: 'All of them at the same moment, under one name: what belongs together stays together. If one cannot be taken, none is.',
  volumes: 'Volumes',
  name: 'Name',
  namePlaceholder: 'Made from the time',
  nameHint: 'No volume among them may have a checkpoint of that name.',
  submit: (count: number) => (count < 2 ? 'Take checkpoint' : `Take ${checkpoints(count)}`),
  writtenIn: (vm: string) => `${vm} is writing to it and pauses for a moment`,
  idle: 'not in use',
  twoMachines: 'They are written by different machines, which cannot be paused at the same moment.',
  none: 'Select at least one volume.',
  done: (name: string, count: number) =>
    `“${name}” is taken of ${plural(count, 'volume', 'volumes')}.`,
};
