/**
 * What is thrown because a request was answered with no: an answer, not a defect. Nobody reads its
 * stack, and capturing one costs more than the rest of the request.
 */

export class AnswerError extends Error {
  constructor(message: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}
