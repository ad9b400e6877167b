/** German texts of the log, the tour, and what the window is asked to show. */
import type { Messages } from '../en';

export const log: Messages['log'] = {
  title: 'Protokoll',
  open: 'Protokoll …',
  filter: 'Nur Zeilen mit …',
  level: 'Zeilen ab dieser Wichtigkeit',
  levels: {
    trace: 'Spur',
    debug: 'Einzelheit',
    info: 'Hinweis',
    warning: 'Warnung',
    error: 'Fehler',
  },
  again: 'Neu lesen',
  none: 'Nichts zu zeigen',
  noneBody: 'Keine Zeile des Protokolls ist so wichtig und enthält diese Wörter.',
  privacy:
    'Die Diagnose besteht aus Version, Prüfungen und diesen Zeilen. Sie nennt Dateien und Maschinen: lesen Sie sie, bevor Sie sie weitergeben.',
  copy: 'Diagnose kopieren',
  copied: 'Die Diagnose ist in der Zwischenablage.',
};

export const tour: Messages['tour'] = {
  action: 'Ein kurzer Rundgang',
  count: (at, all) => `${at} von ${all}`,
  skip: 'Überspringen',
  back: 'Zurück',
  next: 'Weiter',
  done: 'Fertig',
  steps: {
    volumes: {
      title: 'Volumes überleben Maschinen',
      body: 'Ein Volume ist ein Datenträger, der bleibt, wenn die Maschine geht. Legen Sie hier eines an, oder lassen Sie ein Abbild oder Archiv fallen.',
    },
    files: {
      title: 'Dateien überall fallen lassen',
      body: 'Keine Maschine muss laufen: Was Sie hier fallen lassen, ist im Volume, sobald die nächste es einhängt.',
    },
    timeline: {
      title: 'In der Zeit zurück',
      body: 'Checkpoints halten fest, was das Volume jetzt enthält. Ansehen, vergleichen, wiederherstellen; durch das Zurückgehen geht nichts verloren.',
    },
    machines: {
      title: 'In einer Maschine einhängen',
      body: 'Ziehen Sie ein Volume auf eine laufende Maschine, und es liegt darin unter /data. Die Demo-Maschine startet mit einem Klick.',
    },
    commands: {
      title: 'Alles mit der Tastatur',
      body: 'Strg+K findet jeden Befehl, jedes Volume und jede Maschine. Die Taste ? zeigt die übrigen.',
    },
  },
};

export const opening: Messages['opening'] = {
  noVolume: (name) => `Hier gibt es kein Volume „${name}“.`,
  noCheckpoint: (name, volume) => `„${volume}“ hat keinen Checkpoint „${name}“.`,
};

export const autostart: Messages['autostart'] = {
  label: 'Mit der Sitzung starten',
  hint: 'Cairn beginnt verborgen im Infobereich, bereit für die nächste Datei.',
};
