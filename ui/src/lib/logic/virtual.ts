/** Which rows of a long list of equal heights have to exist. Plain arithmetic in pixels. */
export interface Window {
  /** Index of the first row that exists. */
  first: number;
  /** Index after the last one. */
  end: number;
  /** Where the first one begins. */
  offset: number;
  /** Height of the whole list. */
  height: number;
}

export interface Viewport {
  scrollTop: number;
  height: number;
}

/** The rows in view, and `overscan` more on both sides. */
export function visible(count: number, row: number, view: Viewport, overscan = 8): Window {
  const top = Math.max(0, Math.min(view.scrollTop, count * row - view.height));
  const first = Math.max(0, Math.floor(top / row) - overscan);
  const end = Math.min(count, Math.ceil((top + view.height) / row) + overscan);
  return { first, end: Math.max(first, end), offset: first * row, height: count * row };
}

/** The scroll position that brings row `index` into view with the least movement. */
export function reveal(index: number, row: number, view: Viewport): number {
  const top = index * row;
  if (top < view.scrollTop) return top;
  const bottom = top + row;
  return bottom > view.scrollTop + view.height ? bottom - view.height : view.scrollTop;
}

/** Rows that fit on a page, for PageUp and PageDown. */
export const page = (row: number, view: Viewport): number =>
  Math.max(1, Math.floor(view.height / row) - 1);
