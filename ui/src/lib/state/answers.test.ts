import { describe, expect, it, vi } from 'vitest';
import { Answer, Answers } from './answers.svelte';

describe('an answer of the engine', () => {
  it('is asked for again when its volume changes, and only then', async () => {
    const [answers, answer] = [new Answers(), new Answer<number>()];
    let count = 0;
    answer.open(async () => ++count);
    const forget = answers.keep(answer, 'v');
    await vi.waitFor(() => expect(answer.value).toBe(1));
    expect(answer.loading).toBe(false);
    answers.changed('another');
    answers.changed('v');
    await vi.waitFor(() => expect(answer.value).toBe(2));
    forget();
    answers.changed('v');
    answers.refresh();
    expect(count).toBe(2);
  });

  it('keeps to the newest question', async () => {
    const answer = new Answer<string>();
    let late: (text: string) => void = () => undefined;
    answer.open(() => new Promise((resolve) => (late = resolve)));
    answer.open(async () => 'new');
    await vi.waitFor(() => expect(answer.value).toBe('new'));
    late('old');
    await Promise.resolve();
    expect(answer.value).toBe('new');
  });

  it('stays while something is being done about it', async () => {
    const answer = new Answer<string>();
    answer.open(async () => 'plan');
    await vi.waitFor(() => expect(answer.value).toBe('plan'));
    answer.held = true;
    answer.refresh();
    await Promise.resolve();
    expect(answer.value).toBe('plan');
  });

  it('tells what went wrong', async () => {
    const answer = new Answer<string>();
    answer.open(() => Promise.reject(new Error('no')));
    await vi.waitFor(() => expect(answer.error?.message).toBe('no'));
    expect(answer.loading).toBe(false);
  });
});
