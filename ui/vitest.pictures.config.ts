/** Takes the pictures of `docs/images` in a real Chromium; `cargo xtask pictures` starts the server for it. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/pictures/**/*.pictures.ts'],
    environment: 'node',
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
