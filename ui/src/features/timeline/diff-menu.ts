/** What can be done with a thing that differs. */
import type { MenuItem } from '../../components/menu';
import { downloadOne, openHistory, putBackOne } from '../../lib/actions/files';
import type { DiffEntry } from '../../lib/api/types';
import { pathAfter, pathBefore, type State } from '../../lib/logic/diff';
import { parent } from '../../lib/logic/paths';
import type { App } from '../../lib/state/app.svelte';
import type { Pair } from '../../lib/state/compare.svelte';
import { t } from '../../lib/text';

/** Shows it among its neighbours, as they are in `state`. */
function show(app: App, state: State, path: string): void {
  if (app.files.at?.id !== state?.id) app.files.browse(state);
  app.files.go(parent(path), path);
  app.view.pane = 'files';
}

export function diffMenu(app: App, pair: Pair, entry: DiffEntry): MenuItem[] {
  const sides = [
    { state: pair.before as State, path: pathBefore(entry), id: 'before' },
    { state: pair.after, path: pathAfter(entry), id: 'after' },
  ];
  const there = sides.flatMap(({ state, path, id }) =>
    path === null ? [] : [{ state, path, id }],
  );
  const items: MenuItem[] = [];
  if (entry.file_kind === 'file') {
    items.push({
      label: t.diff.history,
      icon: 'clock',
      testid: 'diff-history',
      keys: '↵',
      run: () => openHistory(app, entry.path),
    });
  }
  for (const { state, path, id } of there) {
    if (state === null) continue;
    items.push({
      label: t.diff.putBack(state.name),
      icon: 'restore',
      testid: `diff-put-back-${id}`,
      run: () => void putBackOne(app, { volumeId: pair.volumeId, checkpoint: state }, path),
    });
  }
  there.forEach(({ state, path, id }, index) => {
    items.push({
      label: state === null ? t.diff.downloadNow : t.diff.download(state.name),
      icon: 'download',
      separated: index === 0,
      testid: `diff-download-${id}`,
      run: () => void downloadOne(app, pair.volumeId, path, state?.id ?? null),
    });
  });
  there.forEach(({ state, path, id }, index) => {
    items.push({
      label: state === null ? t.diff.showNow : t.diff.show(state.name),
      icon: 'folder',
      separated: index === 0,
      testid: `diff-show-${id}`,
      run: () => show(app, state, path),
    });
  });
  return items;
}
