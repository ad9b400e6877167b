/** Texts of the timeline, and of volumes that begin in it. */
import { plural } from './words';

export const branch = {
  action: 'New volume from here…',
  clone: 'Clone…',
  suggestion: (name: string) => `${name} copy`,
  title: (name: string) => `New volume from “${name}”`,
  titleNow: (name: string) => `Clone “${name}”`,
  body: 'It is there at once and takes no room until one of the two changes: they share what they have in common, and each goes its own way.',
  submit: 'Create volume',
};

export const timeline = {
  label: 'Checkpoints',
  now: 'Now',
  nowBody: (used: string) => `${used} in use`,
  nowFrom: (name: string) => `grows from “${name}”`,
  createLabel: 'Name of the new checkpoint',
  createPlaceholder: 'Name this moment (optional)',
  create: 'Checkpoint now',
  open: 'Checkpoint…',
  automatic: 'automatic',
  automaticHint: 'Taken by Cairn itself: before it went back in time, or by the volume’s rule.',
  crash: 'crash-consistent',
  crashHint: 'Taken while a machine was writing: as after a power cut.',
  current: 'current',
  browse: 'Browse',
  browseLabel: (name: string) => `Browse the files of “${name}” as they were`,
  restore: 'Restore…',
  restoreLabel: (name: string) => `Restore “${name}”…`,
  mount: 'Mount…',
  restoreTitle: (name: string) => `Go back to “${name}”?`,
  restoreBody: (when: string) =>
    `The volume's files become what they were ${when}. Nothing is lost: the present is kept as an automatic checkpoint, unless one has it already, and you can come back to it.`,
  restoreSubmit: 'Restore',
  restored: (name: string) =>
    `The volume is back at “${name}”. What was there before is still in the timeline.`,
  deleteTitle: (name: string) => `Delete checkpoint “${name}”?`,
  deleteBody:
    'Going back to this moment will no longer be possible. The present and the other checkpoints stay as they are.',
  created: (name: string) => `Checkpoint “${name}” is taken.`,
  emptyTitle: 'No checkpoint yet',
  emptyBody:
    'A checkpoint keeps this very moment. It takes no time and hardly any space, and you can go back to it whenever you like.',
  graph: (count: number) =>
    `Timeline with ${plural(count, 'checkpoint', 'checkpoints')}, newest first`,
  branch: (name: string) => `branches from “${name}”`,
  unchanged: 'nothing changed',
  changes: {
    added: (n: number) => `${n.toLocaleString('en')} added`,
    removed: (n: number) => `${n.toLocaleString('en')} removed`,
    changed: (n: number) => `${n.toLocaleString('en')} changed`,
    renamed: (n: number) => `${n.toLocaleString('en')} renamed`,
  },
  changed: (counts: string, names: string) => `${counts}: ${names}`,
  failedTitle: 'The checkpoints cannot be read',
};
