/** What of the Rust sources has no translation, and why it needs none. */

interface Exception {
  /** Files, or the folder that they are in; everywhere when absent. */
  files?: RegExp;
  text?: RegExp;
  why: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    files: /engine\/src\/(check\.rs|integrity)/,
    why: 'The command line checks and repairs volumes; the window does not.',
  },
  {
    files: /engine\/src\/(keys|audit)\.rs/,
    why: 'Keys and the audit log are managed by the command line and by REST.',
  },
  { files: /engine\/src\/size\.rs/, why: 'Sizes are read as such.' },
  { files: /engine\/src\/log\.rs/, why: 'Without a log there is no window yet.' },
  { files: /vm\/src\/accel\.rs/, why: 'Why KVM is not used stands in the log.' },
  {
    files: /_xml\.rs|domain\/about\.rs/,
    text: /^<|^\/|^Running/,
    why: 'What libvirt reads and says.',
  },
  { files: /virsh\.rs/, text: /^[^{]{1,50}$/, why: 'What virsh says, to be recognized.' },
  { files: /virsh\.rs/, text: /^\{\}; echo /, why: 'What virsh is told to do.' },
  {
    files: /disk_image\.rs|foreign_image\.rs/,
    text: /^(# Disk|qemu-img: )/,
    why: 'What others say.',
  },
  {
    files: /engine\/src|vm\/src/,
    text: /^(-|<|echo |apt |systemctl |console=|virsh )/,
    why: 'To be pasted.',
  },
  { files: /vm\/src\/disk\.rs/, text: /disk's serial/, why: 'Serials are ids that Cairn makes.' },
  {
    text: /^before |^after |^\{\} from \{/,
    why: 'Names of checkpoints, branches and transfers, which are data.',
  },
  {
    text: /^There is no \{what\}|^The machine .* reached: \{what\}|^(nobody|another one) listens at$|^This user may not open the \{what\}|^\{why\} \{lead_in\}/,
    why: 'Whole with each of the words that it is used with, in ASSEMBLED.',
  },
  {
    text: /^is not (a folder|there) any more$|^Give it one$|^Start its QEMU with one$/,
    why: 'Parts of sentences of ASSEMBLED.',
  },
  {
    text: /^add this to the domain|^write to$|^\{doing\} the machine|^look at the image: /,
    why: 'Parts of sentences of ASSEMBLED.',
  },
  {
    files: /mount\/force\.rs/,
    text: /have?$|has$/,
    why: 'Verbs that the translations do not need.',
  },
  { files: /import\/image\.rs/, text: /^not known$/, why: 'Stands within a list of partitions.' },
  { files: /api\/src\/strings\.rs/, why: 'What the API is described with.' },
  { files: /api\/src/, text: /session/, why: 'Sessions are of REST alone.' },
  { files: /src-tauri\/texts\.rs/, why: 'Has its texts in all languages itself.' },
  {
    files: /src-tauri\/(build|lib|autostart)\.rs/,
    text: /^\{|^\[|^cairn-|npm/,
    why: 'For terminals.',
  },
  {
    files: /server\/src\/(app|extract|fields|idempotency|conditions|openapi|metrics|audit|docs)/,
    why: 'Answers programs that make requests of their own; the window makes none of these mistakes.',
  },
  {
    files: /server\/src\/(key|tls|publish|pipe|ui|outflow|bounds|connection)\.rs/,
    why: 'For who starts a server, or in streams whose end nobody reads.',
  },
  {
    files: /server\/src\/routes/,
    why: 'Describes the routes, or answers requests that the window does not make.',
  },
  {
    files: /ext4\/src/,
    text: /^uninit_bg|^(group|inode) \{|^backup in group|^; a whole copy/,
    why: 'Names of features, and places of damages that only the command line tells.',
  },
  {
    files: /block\/src\/(faulty|qcow2\/disaster)/,
    why: 'Belongs to the tests.',
  },
];

export const isException = (file: string, text: string): boolean =>
  EXCEPTIONS.some(
    ({ files, text: texts }) => (files?.test(file) ?? true) && (texts?.test(text) ?? true),
  );

/** Sentences that the engine puts together of parts, each with the parts that have to be in the source. */
export const ASSEMBLED: Readonly<Record<string, readonly string[]>> = {
  'There is no image {}.': ['There is no {what} {}.', 'image'],
  'There is no kernel {}.': ['There is no {what} {}.', 'kernel'],
  'There is no initramfs {}.': ['There is no {what} {}.', 'initramfs'],
  'There is no QMP socket {}.': ['There is no {what} {}.', 'QMP socket'],
  "There is no socket of a guest's agent {}.": [
    'There is no {what} {}.',
    "socket of a guest's agent",
  ],
  'This user may not open the QMP socket {}, which belongs to user {}.': [
    'This user may not open the {what} {}, which belongs to user {}.',
    'QMP socket',
  ],
  "This user may not open the socket of a guest's agent {}, which belongs to user {}.": [
    'This user may not open the {what} {}, which belongs to user {}.',
    "socket of a guest's agent",
  ],
  "The machine '{}' cannot be reached: nobody listens at {}, though its QEMU, process {}, runs on.":
    [
      "The machine '{}' cannot be reached: {what} {}, though its QEMU, process {}, runs on.",
      'nobody listens at',
    ],
  "The machine '{}' cannot be reached: another one listens at {}, though its QEMU, process {}, runs on.":
    [
      "The machine '{}' cannot be reached: {what} {}, though its QEMU, process {}, runs on.",
      'another one listens at',
    ],
  block: ['blocks'],
  cluster: ['clusters'],
  '{} is not a folder any more.': ['{} {why}.', 'is not a folder any more'],
  '{} is not there any more.': ['{} {why}.', 'is not there any more'],
  "make the machine's folder {}": ["{doing} the machine's folder {}", 'make'],
  "write to the machine's folder {}": ["{doing} the machine's folder {}", 'write to'],
  'Give it one, and install qemu-guest-agent in the guest:': [
    '{why} {lead_in} {how}, and install qemu-guest-agent in the guest:',
    'Give it one',
  ],
  'Start its QEMU with one, and install qemu-guest-agent in the guest:': [
    '{why} {lead_in} {how}, and install qemu-guest-agent in the guest:',
    'Start its QEMU with one',
  ],
  'Run it as that user: add this to the domain (virsh edit), then shut it down and start it again:':
    [
      '{detail}: {how}',
      'add this to the domain (virsh edit), then shut it down and start it again:',
    ],
};
