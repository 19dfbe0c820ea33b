/** A bucket said no, or nothing. By itself, so that whoever only asks for it loads no parser. */

import { AnswerError } from '../core/answer-error.ts';

export class BucketError extends AnswerError {
  override readonly name = 'BucketError';
  /** HTTP; 0 where there was no answer. */
  readonly status: number;
  /** `NoSuchKey`, or that of the connection: `ECONNREFUSED`. */
  readonly code: string;
  /** It may pass by itself. */
  readonly isPassing: boolean;
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, facts: TroubleFacts) {
    super(message);
    this.status = facts.status ?? 0;
    this.code = facts.code;
    this.isPassing = facts.isPassing ?? false;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}

interface TroubleFacts {
  readonly status?: number;
  readonly code: string;
  readonly isPassing?: boolean;
  readonly retryAfterSeconds?: number | undefined;
}
