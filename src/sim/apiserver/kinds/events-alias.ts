/**
 * events.k8s.io/v1 and core/v1 events are one storage under two names: the same objects with some
 * fields called otherwise (kubernetes pkg/apis/events/v1/conversion.go).
 */

import type { KubeObject } from '../../../api/object.ts';
import { EVENTS } from '../../../api/resources.ts';
import { EVENT_COLUMNS } from '../table/core-columns.ts';
import { builtIn, type KindDefinition, resource } from './definition.ts';

export const NEW_EVENTS: KindDefinition = builtIn(
  resource('events.k8s.io', 'v1', 'events', 'Event', 'namespaced'),
  { shortNames: ['ev'], statusSubresource: false, columns: EVENT_COLUMNS },
);

/** The path under which the objects are stored; undefined where it is stored as it is asked for. */
export function storedPath(path: string): string | undefined {
  const prefix = '/apis/events.k8s.io/v1/';
  return path.startsWith(prefix)
    ? `/api/${EVENTS.version}/${path.slice(prefix.length)}`
    : undefined;
}

const OLD_NAMES: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedCount: 'count',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedSource: 'source',
};
const NEW_NAMES = Object.fromEntries(Object.entries(OLD_NAMES).map(([a, b]) => [b, a]));

/** A body, whole or a merge patch, in the names under which it is stored. */
export function toStoredEvent(body: unknown): unknown {
  return renamed(body, OLD_NAMES, 'v1');
}

export function fromStoredEvent(event: KubeObject): KubeObject {
  return renamed(event, NEW_NAMES, 'events.k8s.io/v1') as KubeObject;
}

/** `regarding.kind=Pod` is `involvedObject.kind=Pod` to the storage. */
export function toStoredSelector(selector: string): string {
  return selector
    .replaceAll(/\bregarding\./g, 'involvedObject.')
    .replaceAll(/\breportingController\b/g, 'reportingComponent');
}

function renamed(
  body: unknown,
  names: Readonly<Record<string, string>>,
  apiVersion: string,
): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body;
  const entries = Object.entries(body).map(([key, value]) =>
    key === 'apiVersion' ? [key, apiVersion] : [names[key] ?? key, value],
  );
  return Object.fromEntries(entries);
}
