/** What is told about a transfer, in one line. */
import type { Transfer } from '../../lib/api/types';
import { bytes, duration, ofTotal, rate } from '../../lib/logic/format';
import { secondsLeft, type Pace } from '../../lib/logic/progress';
import { t, told } from '../../lib/text';

/** Less than that is "almost done", in seconds. */
const SOON = 1;

export function story(transfer: Transfer, pace: Pace | undefined): string {
  switch (transfer.state) {
    case 'queued':
      return t.transfers.queued;
    case 'running':
      return underWay(transfer, pace);
    case 'paused':
      return transfer.bytes_total > 0
        ? t.transfers.paused(ofTotal(transfer.bytes_done, transfer.bytes_total))
        : t.transfers.resting;
    case 'interrupted':
      return t.transfers.interrupted;
    case 'done':
      return t.transfers.done(
        t.items(transfer.files_done),
        bytes(transfer.bytes_done),
        took(transfer),
      );
    case 'cancelled':
      return t.transfers.cancelled;
    case 'failed':
      return told(transfer.error ?? '');
  }
}

function underWay(transfer: Transfer, pace: Pace | undefined): string {
  if (transfer.bytes_total === 0 && transfer.files_total === 0) return t.transfers.counting;
  const done = ofTotal(transfer.bytes_done, transfer.bytes_total);
  const left = secondsLeft(pace, transfer.bytes_total);
  if (!pace?.speed || left === null) return done;
  const time = left < SOON ? t.time.soon : t.time.left(duration(left));
  return [done, rate(pace.speed), time].join(' · ');
}

function took({ started_at, ended_at }: Transfer): string {
  if (ended_at === null) return '';
  return duration((Date.parse(ended_at) - Date.parse(started_at)) / 1000);
}
