/**
 * Many requests to refresh, few refreshes: at most one runs, one waits, and the pause between two
 * grows with what one costs.
 */

/** The pause after a refresh that took no time, in milliseconds. */
const SHORTEST_PAUSE = 60;

/**
 * Makes `work` callable as often as one likes. The first call runs at once; calls during a run or
 * its pause become one more run. Failures are `work`'s own to handle.
 */
export function coalesce(work: () => Promise<void>): () => void {
  let busy = false;
  let wanted = false;
  const run = async () => {
    busy = true;
    wanted = false;
    const begun = performance.now();
    await work();
    const pause = Math.max(SHORTEST_PAUSE, 2 * (performance.now() - begun));
    setTimeout(() => {
      busy = false;
      if (wanted) void run();
    }, pause);
  };
  return () => {
    if (busy) wanted = true;
    else void run();
  };
}
