import { describe, expect, it } from 'vitest';
import type { Policy } from '../../lib/api/types';
import { PolicyForm } from './policy-form.svelte';

const policy: Policy = {
  before_mount: true,
  before_delete: false,
  every_minutes: 1440,
  at_minute: 210,
  keep: { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0 },
};

describe('the dialog for automatic checkpoints', () => {
  it('changes nothing when nothing is typed', () => {
    expect(new PolicyForm(policy).change).toEqual(policy);
    const every = { ...policy, every_minutes: 45, at_minute: 7 };
    const form = new PolicyForm(every);
    expect(form.periods).toContain(45);
    // Its minute is not shown, and stays what it is.
    expect(form.change).toEqual({ ...every, at_minute: null });
  });

  it('suggests what to keep, and asks for at least one', () => {
    const form = new PolicyForm(policy);
    form.keepAll = false;
    expect(form.change.keep).toMatchObject({ last: 10, daily: 7 });
    expect(form.ready).toBe(true);
    form.keep = { last: '', hourly: '0', daily: '', weekly: '', monthly: '' };
    expect(form.keepError).toMatch(/at least one/);
    form.keep.last = 'many';
    expect(form.keepError).toMatch(/whole numbers/);
    form.keepAll = true;
    expect(form.keepError).toBeNull();
  });

  it('asks for a time of day where one matters', () => {
    const form = new PolicyForm(policy);
    form.time = '25:00';
    expect(form.timeError).toMatch(/03:30/);
    form.every = '15';
    expect(form.timeError).toBeNull();
    expect(form.scheduled).toBe(true);
  });
});
