/**
 * Watch events as lines of JSON. All watchers of a commit get the same event one after the other,
 * so that remembering the last one is enough to write each event once, however many watch.
 */

import type { WatchEvent } from '../../../api/transport.ts';

export interface EventText {
  lineOf(event: WatchEvent): string;
  /** Events that were written as text, as opposed to repeated. */
  readonly written: number;
}

export function createEventText(): EventText {
  let last: WatchEvent | undefined;
  let text = '';
  let written = 0;
  return {
    get written() {
      return written;
    },
    lineOf(event) {
      if (event === last) return text;
      last = event;
      text = `${JSON.stringify(event)}\n`;
      written += 1;
      return text;
    },
  };
}
