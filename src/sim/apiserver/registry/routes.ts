/** From a path to what it names: a collection, an object or subresource, or neither. */

import type { Registry } from './registry.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { badRequest } from '../core/refusal.ts';

export interface Target {
  /** As its objects are stored. */
  readonly definition: KindDefinition;
  /** As the path names it: in the same or in another version. */
  readonly asked: KindDefinition;
  /** Undefined for cluster-scoped kinds and for collections across all namespaces. */
  readonly namespace: string | undefined;
  /** Undefined for a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** What a path names; undefined where no served kind lives there. Refuses bad escapes: 400. */
export function findRoute(registry: Registry, path: string): Target | undefined {
  const parts = path.split('/');
  if (parts[1] === 'api') return findTarget(registry, '', parts, 2);
  if (parts[1] === 'apis') return findTarget(registry, parts[2] ?? '', parts, 3);
  return undefined;
}

/** The API group of a path; empty for the core group and for paths outside /apis. */
export function readGroup(path: string): string {
  if (!path.startsWith('/apis/')) return '';
  const end = path.indexOf('/', 6);
  return end < 0 ? path.slice(6) : path.slice(6, end);
}

function findTarget(
  registry: Registry,
  group: string,
  parts: readonly string[],
  at: number,
): Target | undefined {
  const version = parts[at] ?? '';
  const scope = parts[at + 1];
  // Under `namespaces/NAME/` lives a namespaced kind, or a subresource of the namespace itself.
  if (scope === 'namespaces' && parts.length > at + 3) {
    const plural = parts[at + 3] ?? '';
    const definition = registry.find(group, version, plural);
    if (definition?.resource.namespaced) {
      return target(definition, decode(parts[at + 2]), parts, at + 4);
    }
  }
  const definition = registry.find(group, version, scope ?? '');
  return definition && target(definition, undefined, parts, at + 2);
}

function target(
  asked: KindDefinition,
  namespace: string | undefined,
  parts: readonly string[],
  at: number,
): Target | undefined {
  if (parts.length > at + 2) return undefined;
  const definition = asked.storedAs ?? asked;
  return { definition, asked, namespace, name: decode(parts[at]), subresource: parts[at + 1] };
}

function decode(part: string | undefined): string | undefined {
  if (part === undefined || part === '') return undefined;
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`invalid URL escape in "${part}"`);
  }
}
