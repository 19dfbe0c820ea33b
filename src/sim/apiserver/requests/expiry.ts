/** Events live for a while and then go by themselves: a long-lived server would fill with them. */

import type { KubeEvent } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { EVENTS } from '../../../api/resources.ts';
import { parseRfc3339 } from '../../../core/time-text.ts';
import type { Context } from './context.ts';

export function expireEvents(context: Context, ageUs: number): void {
  const definition = context.registry.ofResource(EVENTS);
  if (!definition) return;
  const collection = context.store.collection(definition);
  const beforeUnixUs = context.nowUnixUs() - ageUs;
  const old: KubeObject[] = [];
  collection.scan(undefined, (event) => {
    if (lastUnixUs(event as KubeEvent) < beforeUnixUs) old.push(event);
    return true;
  });
  for (const event of old) {
    context.store.remove(collection, { ...event, metadata: { ...event.metadata } }, event);
  }
}

function lastUnixUs({ lastTimestamp, metadata }: KubeEvent): number {
  return parseRfc3339(lastTimestamp ?? metadata.creationTimestamp ?? '') ?? 0;
}
