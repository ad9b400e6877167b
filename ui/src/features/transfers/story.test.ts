import { describe, expect, it } from 'vitest';
import type { Transfer } from '../../lib/api/types';
import { story } from './story';

const MIB = 2 ** 20;
const transfer = (change: Partial<Transfer>): Transfer => ({
  id: 't',
  volume_id: 'v',
  direction: 'upload',
  title: 'holiday',
  state: 'running',
  can_pause: true,
  can_retry: false,
  bytes_done: 0,
  bytes_total: 0,
  files_done: 0,
  files_total: 0,
  current: null,
  error: null,
  started_at: '2026-01-01T00:00:00Z',
  ended_at: null,
  ...change,
});

describe('the story of a transfer', () => {
  it('begins with waiting and counting', () => {
    expect(story(transfer({ state: 'queued' }), undefined)).toMatch(/Waiting/);
    expect(story(transfer({}), undefined)).toMatch(/Counting/);
  });
  it('tells progress, speed and time left', () => {
    const running = transfer({ bytes_done: 50 * MIB, bytes_total: 200 * MIB, files_total: 3 });
    const pace = { at: 0, bytes: 50 * MIB, speed: 50 * MIB };
    expect(story(running, pace)).toBe('50 of 200 MiB · 50 MiB/s · 3 s left');
    expect(story(running, undefined)).toBe('50 of 200 MiB');
  });
  it('rests where it is, and says when nobody finished it', () => {
    const paused = transfer({ state: 'paused', bytes_done: 50 * MIB, bytes_total: 200 * MIB });
    expect(story(paused, undefined)).toBe('Paused at 50 of 200 MiB');
    expect(story(transfer({ state: 'paused' }), undefined)).toBe('Paused');
    expect(story(transfer({ state: 'interrupted' }), undefined)).toMatch(/Interrupted/);
  });
  it('ends with what was copied and how long it took', () =>
    expect(
      story(
        transfer({
          state: 'done',
          bytes_done: 3 * MIB,
          files_done: 300,
          ended_at: '2026-01-01T00:00:02Z',
        }),
        undefined,
      ),
    ).toBe('300 items, 3 MiB in 2 s'));
  it('or with the reason why not', () =>
    expect(story(transfer({ state: 'failed', error: 'The volume is full.' }), undefined)).toBe(
      'The volume is full.',
    ));
});
