/**
 * Uploads that the browser carries out itself, told as transfers like the engine's own.
 */
import type { Conflict, Transfer } from '../../api/types';
import type { Incoming } from '../backend';
import { asBackendError, type BackendError } from '../errors';
import { t } from '../../text';
import type { Http } from './http';

type Files = Extract<Incoming, { kind: 'files' }>;

/** At most so many reports a second; a browser tells progress far more often. */
const REPORTS_PER_SECOND = 10;

interface Running {
  transfer: Transfer;
  work: Work;
  /** Paths that are there already, for one that is begun again. */
  sent: Set<string>;
  abort: AbortController;
  reported: number;
}

/** Files for a folder of the volume; or one that the engine makes something of. */
type Work =
  | { kind: 'files'; files: Files; destination: string; conflict: Conflict }
  | { kind: 'sent'; file: File; address: string };

const join = (folder: string, path: string) => (folder ? `${folder}/${path}` : path);

/** What a person would call the transfer. */
export function titleOf(names: string[]): string {
  const [first = '', ...more] = names;
  return more.length === 0 ? first : t.backend.andMore(first, more.length);
}

export class Uploads {
  #http: Http;
  /** Is told of every change. */
  report: (transfer: Transfer) => void = () => undefined;
  /** Is told of what goes on as a transfer of the engine's. */
  gone: (id: string) => void = () => undefined;
  #running = new Map<string, Running>();
  #queue: Promise<void> = Promise.resolve();
  #next = 1;

  constructor(http: Http) {
    this.#http = http;
  }

  list(): Transfer[] {
    return [...this.#running.values()].map(({ transfer }) => transfer);
  }

  /** Queues the upload; one goes after the other, as the engine does it per volume. */
  start(volume: string, files: Files, destination: string, conflict: Conflict): void {
    const bytes = files.files.reduce((sum, { file }) => sum + file.size, 0);
    const count = files.files.length + files.folders.length;
    const work: Work = { kind: 'files', files, destination, conflict };
    this.#begin(work, volume, { title: titleOf(files.names), bytes, count });
  }

  /** Queues a file for an address where the engine makes something of it, by a transfer of its own. */
  sendTo(address: string, file: File, volume: string): void {
    const work: Work = { kind: 'sent', file, address };
    this.#begin(work, volume, { title: file.name, bytes: file.size, count: 1 });
  }

  #begin(work: Work, volume: string, all: { title: string; bytes: number; count: number }): void {
    const run: Running = {
      transfer: {
        id: `browser-${this.#next++}`,
        volume_id: volume,
        direction: 'upload',
        title: all.title,
        state: 'queued',
        can_pause: false,
        can_retry: false,
        bytes_done: 0,
        bytes_total: all.bytes,
        files_done: 0,
        files_total: all.count,
        current: null,
        error: null,
        started_at: new Date().toISOString(),
        ended_at: null,
      },
      work,
      sent: new Set(),
      abort: new AbortController(),
      reported: 0,
    };
    this.#running.set(run.transfer.id, run);
    this.#enqueue(run);
  }

  #enqueue(run: Running): void {
    this.#change(run, {}, true);
    this.#queue = this.#queue.then(() => this.#carryOut(run));
  }

  /** Begins one again that has ended without being done; whether it was one of these. */
  retry(id: string): boolean {
    const run = this.#running.get(id);
    if (run === undefined || !run.transfer.can_retry) return run !== undefined;
    run.abort = new AbortController();
    const started_at = new Date().toISOString();
    const anew = { error: null, ended_at: null, bytes_done: 0, files_done: 0, started_at };
    run.transfer = { ...run.transfer, ...anew, state: 'queued', can_retry: false };
    this.#enqueue(run);
    return true;
  }

  /** Whether the transfer was one of these. */
  cancel(id: string): boolean {
    const run = this.#running.get(id);
    run?.abort.abort();
    if (run?.transfer.state === 'queued') this.#end(run, 'cancelled', null);
    return run !== undefined;
  }

  /** Forgets those that have ended. */
  clear(): void {
    for (const [id, { transfer }] of this.#running) {
      if (transfer.ended_at !== null) this.#running.delete(id);
    }
  }

  async #carryOut(run: Running) {
    if (run.transfer.ended_at !== null) return;
    this.#change(run, { state: 'running' }, true);
    try {
      if (run.work.kind === 'sent') {
        const { file, address } = run.work;
        const progress = (sent: number) =>
          this.#change(run, { bytes_done: Math.min(sent, file.size) });
        await this.#http.put(address, file, progress, run.abort.signal);
        this.#running.delete(run.transfer.id);
        this.gone(run.transfer.id);
        return;
      }
      const { files, destination, conflict } = run.work;
      for (const folder of files.folders) {
        await this.#makeFolder(run, join(destination, folder));
      }
      for (const { path, file } of files.files) {
        await this.#send(run, join(destination, path), file, conflict);
      }
      this.#end(run, 'done', null);
    } catch (thrown) {
      const error = asBackendError(thrown);
      if (error.code === 'cancelled') this.#end(run, 'cancelled', null);
      else this.#end(run, 'failed', error);
    }
  }

  async #makeFolder(run: Running, path: string): Promise<void> {
    run.abort.signal.throwIfAborted();
    try {
      await this.#http.post(`/v1/volumes/${run.transfer.volume_id}/files/mkdir`, { path });
    } catch (thrown) {
      if (asBackendError(thrown).code !== 'already-exists') throw thrown;
    }
    this.#change(run, { files_done: run.transfer.files_done + 1 });
  }

  async #send(run: Running, path: string, file: File, conflict: Conflict): Promise<void> {
    const before = run.transfer.bytes_done;
    const overwrite = String(conflict === 'replace');
    const address = this.#http.address(`/v1/volumes/${run.transfer.volume_id}/files/content`, {
      path,
      overwrite,
    });
    this.#change(run, { current: path });
    if (run.sent.has(path)) {
      const files_done = run.transfer.files_done + 1;
      this.#change(run, { bytes_done: before + file.size, files_done });
      return;
    }
    const progress = (sent: number) =>
      this.#change(run, { bytes_done: before + Math.min(sent, file.size) });
    try {
      await this.#http.put(address, file, progress, run.abort.signal);
    } catch (thrown) {
      const skipped = conflict === 'skip' && asBackendError(thrown).code === 'already-exists';
      if (!skipped) throw thrown;
    }
    run.sent.add(path);
    const files_done = run.transfer.files_done + 1;
    this.#change(run, { bytes_done: before + file.size, files_done });
  }

  #end(run: Running, state: Transfer['state'], failure: BackendError | null): void {
    const ended_at = new Date().toISOString();
    const words = failure && [failure.message, failure.hint].filter((one) => one !== null);
    const error = words && words.join(' ');
    const ended = { state, error, current: null, ended_at, can_retry: state !== 'done' };
    // What the engine said is put into the window's language where it is shown.
    const said = failure?.isByEngine ? { error_code: failure.code } : {};
    this.#change(run, { ...ended, ...said }, true);
  }

  #change(run: Running, change: Partial<Transfer>, atOnce = false): void {
    run.transfer = { ...run.transfer, ...change };
    const now = performance.now();
    if (!atOnce && now - run.reported < 1000 / REPORTS_PER_SECOND) return;
    run.reported = now;
    this.report(run.transfer);
  }
}
