/**
 * Files and folders from a browser: what was dropped on the window or picked in a dialog, flattened
 * into files with relative paths.
 */
import { t } from '../../text';
import type { BrowserFile, DropEvent, Incoming } from '../backend';

type Files = Extract<Incoming, { kind: 'files' }>;

/** `File`s with the paths that the browser gives to the content of a picked folder. */
export function fromFiles(files: File[]): Files {
  const list = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  return { kind: 'files', names: topNames(list), files: list, folders: foldersOf(list) };
}

function topNames(files: BrowserFile[]): string[] {
  return [...new Set(files.map(({ path }) => path.split('/')[0] ?? path))];
}

/** The folders that the paths of `files` pass through, parents first. */
export function foldersOf(files: BrowserFile[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
  }
  return [...folders].sort((a, b) => a.length - b.length);
}

/** Opens the browser's own dialog; `null` when nothing was chosen. */
export async function pickIncoming(what: 'files' | 'folders'): Promise<Incoming | null> {
  const files = await pick(what);
  return files.length > 0 ? fromFiles(files) : null;
}

/** The same for one file. */
export async function pickFile(): Promise<File | null> {
  const [file = null] = await pick('file');
  return file;
}

/** A file of what has no name. */
function unnamed(content: Blob | string): File {
  const isText = typeof content === 'string' || content.type === 'text/plain';
  const type = isText ? 'text/plain' : content.type;
  return new File([content], t.paste.names[isText ? 'text' : 'image'], { type });
}

/** What the browser's clipboard holds; it may ask the person first. */
export async function readClipboard(): Promise<Incoming | null> {
  for (const item of await navigator.clipboard.read()) {
    const type = ['text/plain', 'image/png'].find((wanted) => item.types.includes(wanted));
    if (type !== undefined) return fromFiles([unnamed(await item.getType(type))]);
  }
  return null;
}

/** Reports what is pasted anywhere but into a field. */
export function listenForPastes(target: Window, paste: (incoming: Incoming | null) => void): void {
  target.addEventListener('paste', (event) => {
    const { target: field, clipboardData } = event;
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    const files = [...(clipboardData?.files ?? [])];
    const text = clipboardData?.getData('text/plain') ?? '';
    if (files.length > 0) paste(fromFiles(files));
    else paste(text === '' ? null : fromFiles([unnamed(text)]));
  });
}

function pick(what: 'file' | 'files' | 'folders'): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = what !== 'file';
    input.webkitdirectory = what === 'folders';
    input.hidden = true;
    input.dataset['testid'] = 'file-input';
    const end = () => {
      const files = [...(input.files ?? [])];
      input.remove();
      resolve(files);
    };
    input.addEventListener('cancel', end);
    input.addEventListener('change', end);
    document.body.append(input);
    input.click();
  });
}

const carriesFiles = (event: DragEvent): event is DragEvent & { dataTransfer: DataTransfer } =>
  event.dataTransfer?.types.includes('Files') ?? false;

/** Reports files that are dragged over `target` and dropped on it. */
export function listenForDrops(target: Window, drop: (event: DropEvent) => void): void {
  target.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    const count = event.dataTransfer.items.length;
    drop({ type: 'over', x: event.clientX, y: event.clientY, count });
  });
  target.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop({ type: 'leave' });
  });
  target.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const incoming = readDropped(event.dataTransfer);
    drop({ type: 'drop', x: event.clientX, y: event.clientY, incoming });
  });
}

/** Walks what was dropped. All items are taken at once: the browser forgets them afterwards. */
async function readDropped(data: DataTransfer): Promise<Incoming> {
  const entries: FileSystemEntry[] = [];
  const result: Files = { kind: 'files', names: [], files: [], folders: [] };
  for (const item of data.items) {
    const entry = item.webkitGetAsEntry();
    // What another page lets go has no entry, only its content.
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push(entry);
    if (file) result.files.push({ path: file.name, file });
    const name = (entry ?? file)?.name;
    if (name !== undefined) result.names.push(name);
  }
  for (const entry of entries) await walk(entry, '', result);
  return result;
}

async function walk(entry: FileSystemEntry, folder: string, into: Files): Promise<void> {
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    into.files.push({ path, file });
    return;
  }
  into.folders.push(path);
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out its entries in portions; an empty one is the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return;
    for (const child of portion) await walk(child, path, into);
  }
}
