/**
 * Failures as the UI sees them: always an `ErrorBody`, whatever went wrong and wherever.
 *
 * Code matches on `code`; `message` and `hint` are shown to people.
 */
import type { ErrorBody, ErrorCode } from '../api/types';
import { t } from '../text';

/** A refusal of the engine, or the failure to reach it. */
export class BackendError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;

  constructor(body: Pick<ErrorBody, 'code' | 'message' | 'hint'>) {
    super(body.message);
    this.name = 'BackendError';
    this.code = body.code;
    this.hint = body.hint;
  }

  /** What failed, and what to do next. */
  get sentences(): string {
    return this.hint === null ? this.message : `${this.message} ${this.hint}`;
  }
}

/** Whether `value` has the shape of an `ErrorBody`. */
export function isErrorBody(value: unknown): value is ErrorBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** Whatever was thrown, as a `BackendError`. */
export function asBackendError(thrown: unknown): BackendError {
  if (thrown instanceof BackendError) return thrown;
  if (isErrorBody(thrown)) {
    return new BackendError({ ...thrown, hint: thrown.hint ?? null });
  }
  if (thrown instanceof DOMException && thrown.name === 'AbortError') {
    return new BackendError({ code: 'cancelled', message: t.backend.cancelled, hint: null });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BackendError({ code: 'internal', message, hint: null });
}
