/** Where rows, lanes and lines of the timeline are, in pixels. */
import type { Line } from '../../lib/logic/timeline';

/** Height of a row. */
export const ROW = 60;
/** Distance between lanes. */
export const LANE = 22;
/** Space left of the first lane. */
const LEFT = 20;
/** More lanes than that are drawn closer together. */
const ROOMY_LANES = 6;
/** Colours before they repeat. */
const COLOURS = 5;

export interface Point {
  x: number;
  y: number;
}

/** Distance between lanes when there are `lanes` of them. */
export const laneWidth = (lanes: number): number =>
  lanes <= ROOMY_LANES ? LANE : Math.max(8, (LANE * ROOMY_LANES) / lanes);

/** The middle of a node. */
export const nodeAt = (row: number, lane: number, lanes: number): Point => ({
  x: LEFT + lane * laneWidth(lanes),
  y: row * ROW + ROW / 2,
});

/** The width of the graph. */
export const graphWidth = (lanes: number): number => LEFT + (lanes - 1) * laneWidth(lanes) + LEFT;

/** The path of a line: straight down its own lane, then over to the parent's in one bend. */
export function linePath(line: Line, lanes: number): string {
  const from = nodeAt(line.fromRow, line.fromLane, lanes);
  const to = nodeAt(line.toRow, line.toLane, lanes);
  if (from.x === to.x) return `M${from.x} ${from.y}V${to.y}`;
  const bend = to.y - ROW;
  const middle = (bend + to.y) / 2;
  return `M${from.x} ${from.y}V${bend}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`;
}

/** The colour of a lane, as a design token. */
export const laneColour = (lane: number): string => `var(--lane-${(lane % COLOURS) + 1})`;
