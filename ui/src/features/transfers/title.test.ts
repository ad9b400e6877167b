import { expect, it } from 'vitest';
import { titleOf } from './title';

it('is put together again of what the engine has put together', () => {
  expect(titleOf('holiday')).toBe('holiday');
  expect(titleOf('holiday and 1234 more')).toBe('holiday and 1,234 more');
  expect(titleOf('letter from Ada')).toBe('letter from Ada');
});
