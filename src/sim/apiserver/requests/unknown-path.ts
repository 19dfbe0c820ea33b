/**
 * The answer to a path that names nothing. Only the groups of Kubernetes itself answer with a
 * Status; everything else falls through to the plain text of Go's HTTP server, also what looks
 * like a kind of a custom group.
 */

import { notFound, noSuchPath, type Refusal } from '../core/refusal.ts';
import type { Registry } from '../registry/registry.ts';
import { readGroup, type Target } from '../registry/routes.ts';

/** Throws a Refusal (404) where a Status is the answer. */
export function unknownPath(registry: Registry, path: string) {
  if (isNative(registry, path)) throw noSuchPath();
  return { status: 404, body: '404 page not found\n' };
}

/** Custom kinds take an unknown subresource for an object that is not there. */
export function unknownSubresource({ definition, name }: Target): Refusal {
  return definition.custom ? notFound(definition.resource, name ?? '') : noSuchPath();
}

function isNative(registry: Registry, path: string): boolean {
  if (path.startsWith('/version/') || path.startsWith('/api/')) return true;
  return path.startsWith('/apis/') && registry.isNativeGroup(readGroup(path));
}
