/**
 * How the UI is built and served while it is developed.
 *
 * `CAIRN_URL` names a running `cairn serve`; the development server passes `/v1` on to it.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const engine = process.env['CAIRN_URL'];

export default defineConfig({
  plugins: [svelte()],
  // Relative addresses: the same files are served by the shell and by the REST server.
  base: './',
  clearScreen: false,
  build: {
    target: 'es2022',
    // WebKitGTK 2.44 and its contemporaries: `light-dark()` stays what it is.
    cssTarget: ['safari17.5', 'chrome123', 'firefox120'],
    // A strict content security policy allows neither inline scripts nor data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: 'localhost',
    port: 5173,
    strictPort: true,
    ...(engine ? { proxy: { '/v1': engine } } : {}),
  },
});
