/** Unit tests: plain modules and stores, in Node, without a browser. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: { include: ['src/**/*.test.ts', 'tests/sentences/*.test.ts'], environment: 'node' },
});
