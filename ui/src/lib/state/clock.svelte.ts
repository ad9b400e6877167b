/** What time it is, for texts like "5 minutes ago". */

/** Often enough for minutes. */
const SLOW = 20_000;

class Clock {
  /** Milliseconds since the epoch. */
  now = $state(Date.now());

  constructor() {
    setInterval(() => this.tick(), SLOW);
  }

  tick(): void {
    this.now = Date.now();
  }
}

export const clock = new Clock();
