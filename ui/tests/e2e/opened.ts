/** A window that is opened for each story of a file, and whose page must have no defect at its end. */
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { closeBrowser, Window } from './window';

/** That of the story that is told. */
export let window: Window;

beforeEach(async () => {
  window = await Window.open();
});
afterEach(async () => {
  expect(window.defects).toEqual([]);
  await window.close();
});
afterAll(closeBrowser);
