/** Paths in a volume: relative to its root, `/` between parts, the root is the empty path. */

/** `folder/name`; the root adds nothing. */
export const join = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}/${name}`;

/** The folder that holds `path`. */
export function parent(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last part of `path`. */
export const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Every folder from the first below the root down to `path` itself. */
export function crumbs(path: string): { name: string; path: string }[] {
  if (path === '') return [];
  const parts = path.split('/');
  return parts.map((name, index) => ({ name, path: parts.slice(0, index + 1).join('/') }));
}

/** Whether `path` is `folder` itself or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`);

/** Whether a change below `changed` can be seen in a listing of `shown`. */
export const touches = (changed: string, shown: string): boolean =>
  isWithin(changed, shown) || isWithin(shown, changed);
