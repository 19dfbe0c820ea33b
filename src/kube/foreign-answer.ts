/**
 * An answer that no API server gives: a log-in page, a redirection, a list without items. Somebody
 * else stands between us and the server, or in its place.
 */

import { TransportError } from '../api/transport.ts';

export const FOREIGN = 'EFOREIGN';

/** Of the request it is not known whether it was carried out. */
export class ForeignAnswerError extends TransportError {
  constructor(message: string) {
    super(message, true, FOREIGN);
  }
}
