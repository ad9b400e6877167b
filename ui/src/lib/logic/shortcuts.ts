/** The keys that work everywhere in the window; what lists do with keys is their own matter. */

/** A key as an event tells it. */
export type Pressed = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'
>;

export type Shortcut =
  | 'palette'
  | 'shortcuts'
  | 'settings'
  | 'files'
  | 'timeline'
  | 'space'
  | 'machines'
  | 'search'
  | 'paste'
  | 'undo';

/** What a key asks for; `typing` is whether it goes into a field. */
export function shortcutOf(event: Pressed, typing: boolean): Shortcut | null {
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.altKey && !event.shiftKey) {
    if (event.key.toLowerCase() === 'k') return 'palette';
    if (event.key === ',') return 'settings';
    // In a field they are about what was typed.
    if (event.key.toLowerCase() === 'v' && !typing) return 'paste';
    if (event.key.toLowerCase() === 'z' && !typing) return 'undo';
    return null;
  }
  if (event.altKey && !control && !event.shiftKey) {
    const panes: Record<string, Shortcut> = {
      Digit1: 'files',
      Digit2: 'timeline',
      Digit3: 'space',
      KeyM: 'machines',
    };
    return panes[event.code] ?? null;
  }
  if (typing || control || event.altKey) return null;
  if (event.key === '?') return 'shortcuts';
  return event.key === '/' ? 'search' : null;
}

/** How the shortcuts are written, for menus and the sheet that lists them. */
export const KEYS: Record<Shortcut, string> = {
  palette: 'Ctrl+K',
  shortcuts: '?',
  settings: 'Ctrl+,',
  files: 'Alt+1',
  timeline: 'Alt+2',
  space: 'Alt+3',
  machines: 'Alt+M',
  search: '/',
  paste: 'Ctrl+V',
  undo: 'Ctrl+Z',
};
