/** What is about to be copied into a volume, under other names where theirs are taken. */
import type { Incoming } from '../backend/backend';

/** `photo.png`, or `photo 2.png`, `photo 3.png`… : the first that is free. */
export function freeFileName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 2; ; number++) {
    const other = `${stem} ${number}${ending}`;
    if (!taken.has(other)) return other;
  }
}

/** The same things, those whose names are taken under free ones. */
export function withFreeNames(incoming: Incoming, taken: readonly string[]): Incoming {
  const used = new Set([...taken, ...incoming.names]);
  const there = new Set(taken);
  const names = incoming.names.map((name) => {
    if (!there.has(name)) return name;
    const free = freeFileName(name, used);
    used.add(free);
    return free;
  });
  if (incoming.kind !== 'files') return { ...incoming, names };
  const renamed = new Map(incoming.names.map((name, index) => [name, names[index] ?? name]));
  const path = (old: string) => {
    const [first = old, ...rest] = old.split('/');
    return [renamed.get(first) ?? first, ...rest].join('/');
  };
  return {
    ...incoming,
    names,
    files: incoming.files.map((one) => ({ ...one, path: path(one.path) })),
    folders: incoming.folders.map(path),
  };
}
