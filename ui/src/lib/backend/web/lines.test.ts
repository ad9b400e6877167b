import { expect, it } from 'vitest';
import { Lines } from './lines';

it('lines are whole, however they come', () => {
  const told: string[] = [];
  const lines = new Lines((line) => told.push(line));
  const bytes = new TextEncoder().encode('[1]\n["猫"]\n\n[3');
  for (const byte of bytes) lines.feed(Uint8Array.of(byte));
  expect(told).toEqual(['[1]', '["猫"]']);
  lines.feed(new TextEncoder().encode(']\n'));
  expect(told).toEqual(['[1]', '["猫"]', '[3]']);
});
