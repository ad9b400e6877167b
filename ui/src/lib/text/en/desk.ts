/** Texts of what surrounds the work: the log, the tour, and what the window is asked to show. */

export const log = {
  title: 'Log',
  open: 'Log…',
  filter: 'Only lines with…',
  level: 'Lines so serious, or more',
  levels: {
    trace: 'Trace',
    debug: 'Detail',
    info: 'Info',
    warning: 'Warning',
    error: 'Error',
  },
  again: 'Read again',
  none: 'Nothing to show',
  noneBody: 'No line of the log is so serious and has these words in it.',
  privacy:
    'Diagnostics are the version, the checks, and these lines. They name files and machines of yours: read them before you pass them on.',
  copy: 'Copy diagnostics',
  copied: 'The diagnostics are in the clipboard.',
};

export const tour = {
  action: 'A short tour',
  count: (at: number, all: number) => `${at} of ${all}`,
  skip: 'Skip',
  back: 'Back',
  next: 'Next',
  done: 'Done',
  steps: {
    volumes: {
      title: 'Volumes outlive machines',
      body: 'A volume is a disk that stays when the machine goes. Make one here, or drop an image or an archive to import it.',
    },
    files: {
      title: 'Drop files anywhere',
      body: 'No machine has to run: files and folders that you drop here are in the volume when the next one mounts it.',
    },
    timeline: {
      title: 'Go back in time',
      body: 'Checkpoints keep the volume as it is now. Browse, compare and restore them; nothing is ever lost by going back.',
    },
    machines: {
      title: 'Mount it in a machine',
      body: 'Drag a volume onto a running machine and it is at /data inside. The demo machine starts with one click.',
    },
    commands: {
      title: 'Everything by the keyboard',
      body: 'Ctrl+K finds every command, volume and machine. The key ? lists the others.',
    },
  },
};

export const opening = {
  noVolume: (name: string) => `There is no volume “${name}” here.`,
  noCheckpoint: (name: string, volume: string) => `“${volume}” has no checkpoint “${name}”.`,
};

export const autostart = {
  label: 'Start with the session',
  hint: 'Cairn begins hidden in the tray, ready for the next drop.',
};
