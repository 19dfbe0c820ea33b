/**
 * Whether a request over the wire may be done, and in whose name: kubectl's `--as` acts as somebody
 * else where the caller may impersonate (apiserver endpoints/filters/impersonation.go).
 */

import type { IncomingHttpHeaders } from 'node:http';
import { forbiddenTo, readAttributes } from '../authorization/attributes.ts';
import type { Authorizer } from '../authorization/rbac.ts';
import type { User } from '../authorization/user.ts';
import { refusedAnswer, type WireAnswer, type WireRequest } from '../wire/wire.ts';

/** The refusal; undefined where the request may be done. */
export function checkAccess(
  authorizer: Authorizer,
  { method, path, query, user }: WireRequest,
): WireAnswer | undefined {
  const attributes = readAttributes({ method, path, query });
  if (authorizer.decide(user, attributes).allowed) return undefined;
  return refusedAnswer(forbiddenTo(user, attributes));
}

/** Who acts: the caller, or whom the caller impersonates; the refusal where that is not allowed. */
export function actingUser(
  authorizer: Authorizer,
  caller: User,
  headers: IncomingHttpHeaders,
): User | WireAnswer {
  const username = first(headers['impersonate-user']);
  const asked = list(headers['impersonate-group']);
  if (username === undefined) return caller;
  for (const attributes of impersonations(username, asked)) {
    if (authorizer.decide(caller, attributes).allowed) continue;
    return refusedAnswer(forbiddenTo(caller, attributes));
  }
  const own = asked.length > 0 ? asked : groupsOf(username);
  return { username, groups: [...new Set([...own, 'system:authenticated'])] };
}

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function groupsOf(username: string): readonly string[] {
  const [, namespace] = ACCOUNT.exec(username) ?? [];
  return namespace ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : [];
}

function impersonations(username: string, groups: readonly string[]) {
  const [, namespace, account] = ACCOUNT.exec(username) ?? [];
  const one = (resource: string, name: string, home = '') => ({
    verb: 'impersonate',
    group: '',
    resource,
    subresource: '',
    namespace: home,
    name,
  });
  return [
    account ? one('serviceaccounts', account, namespace) : one('users', username),
    ...groups.map((group) => one('groups', group)),
  ];
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Node joins repeated headers by commas. */
function list(value: string | string[] | undefined): readonly string[] {
  const texts = value === undefined ? [] : [value].flat();
  return texts.flatMap((text) => text.split(',').map((each) => each.trim()));
}
