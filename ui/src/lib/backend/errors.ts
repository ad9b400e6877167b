/**
 * Failures as the UI sees them: always an `ErrorBody`, whatever went wrong and wherever.
 *
 * Code matches on `code`; `title`, `advice` and `detail` are shown to people. The engine speaks English: in other languages its
 * sentences are translated, and one that nobody has translated is the detail below what its code stands for.
 */
import type { ErrorBody, ErrorCode } from '../api/types';
import { t, translated } from '../text';

/** A refusal of the engine, or the failure to reach it. */
export class BackendError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  /** What happened, in the window's language. */
  readonly title: string;
  /** What to do next, in the same. */
  readonly advice: string | null;
  /** What the engine says in English, where that is not known in the window's language. */
  readonly detail: string | null;
  readonly isByEngine: boolean;

  /** `said` is by whom: the window's own sentences are in its language already. */
  constructor(
    body: Pick<ErrorBody, 'code' | 'message' | 'hint'>,
    said: 'by-engine' | 'here' = 'here',
  ) {
    super(body.message);
    this.name = 'BackendError';
    this.code = body.code;
    this.hint = body.hint;
    this.isByEngine = said === 'by-engine';
    const told: Spoken = this.isByEngine ? inWindow(body) : body;
    this.title = told.message;
    this.advice = told.hint;
    this.detail = told.detail ?? null;
  }

  /** What happened, and what to do next. */
  get sentences(): string {
    return this.advice === null ? this.title : t.refused.both(this.title, this.advice);
  }
}

type Spoken = Pick<ErrorBody, 'message' | 'hint'> & { detail?: string };

/** What the engine refuses, in the window's language; what is not known in it is told by its kind, and stands below as it is. */
function inWindow({ code, message, hint }: Pick<ErrorBody, 'code' | 'message' | 'hint'>): Spoken {
  const kind = t.refusals?.[code];
  if (kind === undefined) return { message, hint };
  const [what, todo] = [translated(message), hint === null ? null : translated(hint)];
  const unknown = [what === null ? message : null, todo === null ? hint : null];
  const detail = unknown.filter((one) => one !== null).join(' ');
  const told = { message: what ?? kind.what, hint: todo ?? (detail === '' ? null : kind.todo) };
  return detail === '' ? told : { ...told, detail };
}

/** What the engine answered instead of what it was asked for. */
export function fromEngine(thrown: unknown): BackendError {
  if (!isErrorBody(thrown)) return asBackendError(thrown);
  return new BackendError({ ...thrown, hint: thrown.hint ?? null }, 'by-engine');
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
