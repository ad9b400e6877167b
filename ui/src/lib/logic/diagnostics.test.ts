import { expect, it } from 'vitest';
import { diagnostics } from './diagnostics';

it('tells whoever helps what runs here, what is wrong, and what happened', () => {
  const about = { version: '1.2.3', store: '/s', url: null };
  const check = (name: string, ok: boolean) => ({ name, ok, detail: 'so it is' });
  const line = { at: '2026-01-01T00:00:00Z', level: 'error' as const, text: 'it failed' };
  const text = diagnostics(about, [check('QEMU', true), check('KVM', false)], [line]);
  expect(text.split('\n')).toEqual([
    'Cairn 1.2.3',
    'store /s',
    'server -',
    '',
    'ok   QEMU: so it is',
    'BAD  KVM: so it is',
    '',
    '2026-01-01T00:00:00Z  error    it failed',
    '',
  ]);
});
