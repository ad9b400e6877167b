import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { coalesce } from './coalesce';

describe('refreshing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('happens at once, and once more for all that was asked meanwhile', async () => {
    let runs = 0;
    const refresh = coalesce(async () => void runs++);
    for (let request = 0; request < 50; request++) refresh();
    expect(runs).toBe(1);
    await vi.runAllTimersAsync();
    expect(runs).toBe(2);
    await vi.runAllTimersAsync();
    expect(runs).toBe(2);
    refresh();
    expect(runs).toBe(3);
  });
});
