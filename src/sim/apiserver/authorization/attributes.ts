/**
 * What a request wants to do, in the words of roles (apiserver endpoints/request/requestinfo.go).
 */

import { hasFlag } from '../core/query.ts';
import { failure } from '../../../api/status.ts';
import { Refusal } from '../core/refusal.ts';
import type { User } from './user.ts';

export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty where there is none, as are the others. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Of requests that are about no resource; the fields above are empty then. */
  readonly path?: string;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

export function readAttributes({ method, path, query }: Asked): Attributes {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const [root, ...rest] = parts;
  const isResource = (root === 'api' && rest.length > 1) || (root === 'apis' && rest.length > 2);
  if (!isResource) {
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    return { verb, group: '', resource: '', subresource: '', namespace: '', name: '', path };
  }
  const group = root === 'api' ? '' : (rest[0] ?? '');
  const below = rest.slice(root === 'api' ? 1 : 2);
  const scoped =
    below[0] === 'namespaces' && below.length > 2 && !OF_NAMESPACES.has(below[2] ?? '');
  const [resource = '', name = '', ...sub] = scoped ? below.slice(2) : below;
  const namespace = scoped || resource === 'namespaces' ? (scoped ? (below[1] ?? '') : name) : '';
  const verb = readVerb(method, name, query);
  return { verb, group, resource, subresource: sub[0] ?? '', namespace, name };
}

/** Subresources of a namespace itself. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize']);

function readVerb(method: string, name: string, query: Asked['query']): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      if (hasFlag(query, 'watch')) return 'watch';
      return name === '' ? 'list' : 'get';
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** 403 in the server's words (apiserver endpoints/handlers/responsewriters/errors.go). */
export function forbiddenTo({ username }: User, attributes: Attributes): Refusal {
  const { verb, group, resource, subresource, namespace, name, path } = attributes;
  const user = `User "${username}" cannot ${verb}`;
  if (path !== undefined) {
    return new Refusal(failure(403, 'Forbidden', `forbidden: ${user} path "${path}"`, {}));
  }
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const why = `${user} resource "${full}" in API group "${group}" ${where}`;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const what = name === '' ? qualified : `${qualified} "${name}"`;
  const details = { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource };
  return new Refusal(failure(403, 'Forbidden', `${what} is forbidden: ${why}`, details));
}
