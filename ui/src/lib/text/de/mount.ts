/** German texts of the dialog that mounts a volume. */
import type { Messages } from '../en';

export const mount: Messages['mount'] = {
  title: 'Volume einhängen',
  titleFor: (volume) => `„${volume}“ einhängen`,
  action: 'Einhängen …',
  volume: 'Volume',
  machine: 'Maschine',
  noMachine: 'Keine Maschine läuft. Die Demo-Maschine startet, dann wird eingehängt.',
  path: 'Pfad in der Maschine',
  pathHint: 'Wird angelegt, wenn es ihn nicht gibt.',
  mode: 'Zugriff',
  rw: 'Lesen und schreiben',
  ro: 'Nur lesen',
  rwHint: 'Die Maschine darf die Dateien ändern. Solange kann niemand sonst schreiben.',
  roHint: 'Die Maschine sieht die Dateien und kann sie nicht ändern.',
  roPastHint:
    'Die Maschine sieht die Dateien, wie sie waren. Beliebig viele Maschinen können das gleichzeitig.',
  rwPastTitle: 'Ein neues Volume zweigt ab',
  rwPastHint: (name) =>
    `Ein Checkpoint ändert sich nie. Die Maschine bekommt ein eigenes Volume, „${name}“, das mit dem beginnt, was der Checkpoint enthält. Platz belegt es erst, wenn etwas geschrieben wird.`,
  // The engine's own words: it names the volume.
  branchName: (volume, checkpoint) => `${volume} from ${checkpoint}`,
  what: 'Stand',
  present: 'Die Gegenwart',
  submit: 'Einhängen',
  startAndMount: 'Starten und einhängen',
  done: (volume, vm, path) => `„${volume}“ ist in ${vm} unter ${path}.`,
};
