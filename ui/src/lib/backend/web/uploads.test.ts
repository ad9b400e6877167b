import { describe, expect, it, vi } from 'vitest';
import type { Transfer } from '../../api/types';
import { BackendError } from '../errors';
import { Http, refusal } from './http';
import { fromFiles } from './incoming';
import { titleOf, Uploads } from './uploads';

const failure = (code: 'already-exists' | 'no-space') =>
  new BackendError({ code, message: 'It does not go.', hint: 'Do something else.' });

/** Uploads over a server that does what `put` and `mkdir` say. */
function uploadsOver(put: Http['put'], mkdir: () => Promise<unknown> = () => Promise.resolve()) {
  const http = new Http('key');
  http.put = put;
  http.post = mkdir as Http['post'];
  const uploads = new Uploads(http);
  const ended = new Promise<Transfer>((resolve) => {
    uploads.report = (transfer) => {
      if (transfer.ended_at !== null) resolve(transfer);
    };
  });
  return { uploads, ended };
}
const file = (name: string, size = 4) => new File(['x'.repeat(size)], name);

describe('an upload by the browser', () => {
  it('sends every file to its path and ends', async () => {
    const put = vi.fn<Http['put']>(() => Promise.resolve());
    const { uploads, ended } = uploadsOver(put);
    uploads.start('vol', fromFiles([file('a b.txt'), file('c', 6)]), 'photos', 'fail');
    expect(await ended).toMatchObject({
      state: 'done',
      bytes_done: 10,
      files_done: 2,
      files_total: 2,
    });
    expect(put.mock.calls.map(([address]) => address)).toEqual([
      '/v1/volumes/vol/files/content?path=photos%2Fa+b.txt&overwrite=false',
      '/v1/volumes/vol/files/content?path=photos%2Fc&overwrite=false',
    ]);
  });

  it('goes on when a folder is there already', async () => {
    const { uploads, ended } = uploadsOver(
      () => Promise.resolve(),
      () => Promise.reject(failure('already-exists')),
    );
    const files = { ...fromFiles([file('a')]), folders: ['x'] };
    uploads.start('vol', files, '', 'replace');
    expect((await ended).state).toBe('done');
  });

  it('leaves out what is there when it is told to', async () => {
    const { uploads, ended } = uploadsOver(() => Promise.reject(failure('already-exists')));
    uploads.start('vol', fromFiles([file('a')]), '', 'skip');
    expect((await ended).state).toBe('done');
  });

  it('is begun again where it failed', async () => {
    const put = vi
      .fn<Http['put']>(() => Promise.resolve())
      .mockImplementationOnce(() => Promise.resolve())
      .mockImplementationOnce(() => Promise.reject(failure('no-space')));
    const { uploads, ended } = uploadsOver(put);
    uploads.start('vol', fromFiles([file('a'), file('b', 6)]), '', 'fail');
    const failed = await ended;
    expect(failed).toMatchObject({ state: 'failed', can_retry: true });
    const over = new Promise<Transfer>((resolve) => {
      uploads.report = (transfer) => {
        if (transfer.state === 'done') resolve(transfer);
      };
    });
    expect(uploads.retry(failed.id)).toBe(true);
    expect(await over).toMatchObject({ bytes_done: 10, files_done: 2, can_retry: false });
    expect(put.mock.calls.map(([address]) => address.replace(/.*path=(.).*/, '$1'))).toEqual([
      'a',
      'b',
      'b',
    ]);
  });

  it('ends with the sentence and what to do when it fails', async () => {
    const { uploads, ended } = uploadsOver(() => Promise.reject(failure('no-space')));
    uploads.start('vol', fromFiles([file('a')]), '', 'fail');
    expect(await ended).toMatchObject({
      state: 'failed',
      error: 'It does not go. Do something else.',
    });
  });

  it('can be cancelled under way', async () => {
    const { uploads, ended } = uploadsOver(
      (_address, _file, _progress, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () =>
            reject(new BackendError({ code: 'cancelled', message: 'Cancelled.', hint: null })),
          ),
        ),
    );
    uploads.start('vol', fromFiles([file('a')]), '', 'fail');
    await vi.waitFor(() => expect(uploads.list()[0]?.state).toBe('running'));
    expect(uploads.cancel(uploads.list()[0]?.id ?? '')).toBe(true);
    expect((await ended).state).toBe('cancelled');
    uploads.clear();
    expect(uploads.list()).toEqual([]);
  });

  it('is not one of the engine', () =>
    expect(new Uploads(new Http(null)).cancel('xfer_1')).toBe(false));
});

describe('what a transfer is called', () => {
  it('is its first name, and how many more there are', () => {
    expect(titleOf(['holiday'])).toBe('holiday');
    expect(titleOf(['holiday', 'a', 'b', 'c'])).toBe('holiday and 3 more');
  });
});

describe('a refusal', () => {
  it('is told in the words of the engine', () => {
    const body = { code: 'in-use', message: 'A machine has it.', hint: 'Unmount it.', detail: '' };
    expect(refusal(409, JSON.stringify(body))).toMatchObject({
      code: 'in-use',
      message: 'A machine has it.',
      hint: 'Unmount it.',
    });
  });
  it('of something else than Cairn is told as well', () => {
    expect(refusal(502, '<html>')).toMatchObject({ code: 'internal' });
    expect(refusal(401, '')).toMatchObject({ code: 'unauthorized' });
  });
});
