/** Chooses the host: the shell when the UI runs inside it, else a browser. */
import type { Backend } from './backend';

/** Loads only the host that is needed; a browser never sees the shell's API. */
export async function openBackend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).tauri;
  return (await import('./web')).openWeb();
}
