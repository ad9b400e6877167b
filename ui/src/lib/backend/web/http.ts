/**
 * Requests to the REST server: the key, JSON both ways, and refusals as `BackendError`s.
 */
import { t } from '../../text';
import { BackendError, fromEngine, isErrorBody } from '../errors';

/** Query parameters; those that are `null` are left out, a list is given one by one. */
export type Query = Record<string, string | string[] | null>;

/** What to tell when the server cannot be reached at all. */
function unreachable(): BackendError {
  return new BackendError({
    code: 'io',
    message: t.backend.unreachable,
    hint: t.backend.unreachableHint,
  });
}

/** The refusal that `status` and `text` stand for. */
export function refusal(status: number, text: string): BackendError {
  try {
    const body: unknown = JSON.parse(text);
    if (isErrorBody(body)) return fromEngine(body);
  } catch {
    // Not JSON: something else than Cairn answered, or it broke off.
  }
  return new BackendError({
    code: status === 401 ? 'unauthorized' : 'internal',
    message: t.backend.refused(status),
    hint: status === 401 ? t.backend.keyHint : null,
  });
}

export class Http {
  key: string | null;

  constructor(key: string | null) {
    this.key = key;
  }

  /** The address of `path`; `keyed` puts the key into it, for what cannot send headers. */
  address(path: string, query: Query = {}, keyed = false): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of value === null ? [] : [value].flat()) parameters.append(name, one);
    }
    if (keyed && this.key !== null) parameters.set('key', this.key);
    const text = parameters.toString();
    return text ? `${path}?${text}` : path;
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.send('GET', path, undefined, query);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.send('POST', path, body);
  }

  async delete(path: string, query: Query = {}): Promise<void> {
    await this.send<unknown>('DELETE', path, undefined, query);
  }

  async send<T>(method: string, path: string, body?: unknown, query: Query = {}): Promise<T> {
    const headers: Record<string, string> = { 'X-API-Key': this.key ?? '' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(this.address(path, query), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      text = await answer.text();
    } catch {
      throw unreachable();
    }
    if (!answer.ok) throw refusal(answer.status, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Sends text as it is. */
  async sendText(path: string, text: string): Promise<void> {
    const headers = { 'X-API-Key': this.key ?? '', 'Content-Type': 'application/octet-stream' };
    const answer = await fetch(path, { method: 'POST', headers, body: text }).catch(() => {
      throw unreachable();
    });
    if (!answer.ok) throw refusal(answer.status, await answer.text());
  }

  /** Hands over an answer's bytes as they come, until it ends or `signal` says so. */
  async stream(
    path: string,
    query: Query,
    take: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const headers = { 'X-API-Key': this.key ?? '' };
    try {
      const answer = await fetch(this.address(path, query), { headers, signal });
      if (!answer.ok) throw refusal(answer.status, await answer.text());
      const reader = answer.body?.getReader();
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done || signal.aborted) return;
        take(piece.value);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      throw thrown instanceof BackendError ? thrown : unreachable();
    }
  }

  /** Sends `file` with progress; rejects with a `BackendError`, also when `signal` aborts it. */
  put(address: string, file: Blob, progress: (sent: number) => void, signal: AbortSignal) {
    return new Promise<void>((resolve, reject) => {
      const request = new XMLHttpRequest();
      const abort = () => request.abort();
      request.open('PUT', address);
      request.setRequestHeader('X-API-Key', this.key ?? '');
      request.upload.onprogress = (event) => progress(event.loaded);
      request.onload = () => {
        if (request.status < 300) resolve();
        else reject(refusal(request.status, request.responseText));
      };
      request.onerror = () => reject(unreachable());
      request.onabort = () =>
        reject(new BackendError({ code: 'cancelled', message: t.backend.cancelled, hint: null }));
      request.onloadend = () => signal.removeEventListener('abort', abort);
      signal.addEventListener('abort', abort);
      request.send(file);
    });
  }
}
