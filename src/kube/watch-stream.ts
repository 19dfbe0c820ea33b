/** A single watch: what is asked for, what may come of it, and when it counts as dead. */

import type { WatchEvent } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { MINUTE, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';

interface Asked {
  readonly rng: Rng;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly watchTimeoutUs?: number | undefined;
}

/** Whether it carries an object with a name; a bookmark's has none. */
export function isWellFormed({ type, object }: WatchEvent): boolean {
  const metadata = object?.metadata as { readonly name?: unknown } | undefined;
  return KNOWN_TYPES.has(type) && (type === 'BOOKMARK' ? !!metadata : !!metadata?.name);
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

export function watchQuery(options: Asked, version: string): Record<string, string> {
  // Between half and all of it, as reflectors ask, so that streams do not all end at once.
  const longestUs = options.watchTimeoutUs ?? 10 * MINUTE;
  const timeoutUs = longestUs * (0.5 + 0.5 * options.rng.next());
  return {
    resourceVersion: version,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(Math.max(1, Math.round(timeoutUs / SECOND))),
    ...(options.labelSelector ? { labelSelector: options.labelSelector } : {}),
    ...(options.fieldSelector ? { fieldSelector: options.fieldSelector } : {}),
  };
}

/** Fires once the stream has been silent for too long; cheap, since it looks once a period. */
export function watchdog(
  options: { readonly clock: Clock; readonly silenceUs?: number | undefined },
  lastHeardUs: () => number,
  onSilence: () => void,
): () => void {
  const { silenceUs, clock } = options;
  if (silenceUs === undefined) return () => {};
  let cancel = () => {};
  const look = () => {
    const leftUs = lastHeardUs() + silenceUs - clock.nowUs();
    if (leftUs <= 0) onSilence();
    else cancel = clock.schedule(leftUs, look, { kind: 'background' });
  };
  cancel = clock.schedule(silenceUs, look, { kind: 'background' });
  return () => cancel();
}
