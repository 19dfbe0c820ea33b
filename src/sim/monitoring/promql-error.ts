/** A question that cannot be answered, in one sentence; an answer, not a defect. */

import { AnswerError } from '../../core/answer-error.ts';

export class PromqlError extends AnswerError {}
