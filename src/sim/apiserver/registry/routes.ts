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
  if (path.startsWith('/apis/')) {
    const version = endOfPart(path, 6) + 1;
    return findTarget(registry, path, path.slice(6, version - 1), version);
  }
  return path.startsWith('/api/') ? findTarget(registry, path, '', 5) : undefined;
}

/** The API group of a path; empty for the core group and for paths outside /apis. */
export function readGroup(path: string): string {
  if (!path.startsWith('/apis/')) return '';
  const end = path.indexOf('/', 6);
  return end < 0 ? path.slice(6) : path.slice(6, end);
}

function findTarget(
  registry: Registry,
  path: string,
  group: string,
  at: number,
): Target | undefined {
  const scopeAt = endOfPart(path, at) + 1;
  const version = path.slice(at, scopeAt - 1);
  // Under `namespaces/NAME/` lives a namespaced kind, or a subresource of the namespace itself.
  if (path.startsWith('namespaces/', scopeAt)) {
    const nameAt = scopeAt + 11;
    const nameEnd = endOfPart(path, nameAt);
    const pluralEnd = endOfPart(path, nameEnd + 1);
    const definition =
      nameEnd < path.length
        ? registry.find(group, version, path.slice(nameEnd + 1, pluralEnd))
        : undefined;
    if (definition?.resource.namespaced) {
      return target(definition, decode(path.slice(nameAt, nameEnd)), path, pluralEnd + 1);
    }
  }
  const scopeEnd = endOfPart(path, scopeAt);
  const definition = registry.find(group, version, path.slice(scopeAt, scopeEnd));
  return definition && target(definition, undefined, path, scopeEnd + 1);
}

/** `at` is where the name of the object begins, if there is one. */
function target(
  asked: KindDefinition,
  namespace: string | undefined,
  path: string,
  at: number,
): Target | undefined {
  const definition = asked.storedAs ?? asked;
  const nameEnd = endOfPart(path, at);
  const name = decode(path.slice(at, nameEnd));
  if (nameEnd >= path.length) {
    return { definition, asked, namespace, name, subresource: undefined };
  }
  const end = endOfPart(path, nameEnd + 1);
  if (end < path.length) return undefined;
  return { definition, asked, namespace, name, subresource: path.slice(nameEnd + 1) };
}

/** Where the part of the path that begins `at` ends: at the next slash, or with the path. */
function endOfPart(path: string, at: number): number {
  const end = path.indexOf('/', at);
  return end < 0 ? path.length : end;
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
