/**
 * The UI in a real Chromium against a real, running server: `CAIRN_URL` and `CAIRN_KEY` say which,
 * `CHROMIUM` names the browser (default: Debian's). The stories make and delete volumes of their own.
 */
import { defineConfig } from 'vitest/config';

/** A machine has to start within one story, under emulation and with other work on the host. */
const LONGEST_STORY = 180_000;

export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.e2e.ts'],
    environment: 'node',
    testTimeout: LONGEST_STORY,
    hookTimeout: LONGEST_STORY,
    fileParallelism: false,
  },
});
