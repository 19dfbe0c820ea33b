/** Tokens of service accounts, as `kubectl create token` asks for them; they last as long as we. */

import { randomBytes } from 'node:crypto';
import { rfc3339 } from '../../../core/time-text.ts';
import { notFound } from '../refusal.ts';
import { findRoute } from '../routes.ts';
import type { ApiServer } from '../server.ts';
import type { User } from '../authorization/user.ts';
import { refusedAnswer, type WireAnswer, type WireRequest, wireAnswer } from '../wire/wire.ts';

export interface TokenBook {
  /** Whose token it is; undefined where it is nobody's. */
  holderOf(token: string): User | undefined;
  /** The answer where the request asks for a token. */
  answer(request: WireRequest): WireAnswer | undefined;
}

const DEFAULT_SECONDS = 3600;

export function createTokenBook(server: ApiServer, nowUnixUs: () => number): TokenBook {
  const holders = new Map<string, User>();
  return {
    holderOf: (token) => holders.get(token),
    answer({ method, path, body }) {
      if (method !== 'POST' || !path.endsWith('/token')) return undefined;
      const target = findRoute(server.registry, path);
      if (target?.subresource !== 'token' || target.name === undefined) return undefined;
      const { definition, namespace = '', name } = target;
      if (!server.peek(definition.resource, namespace, name)) {
        return refusedAnswer(notFound(definition.resource, name));
      }
      const token = randomBytes(32).toString('base64url');
      holders.set(token, {
        username: `system:serviceaccount:${namespace}:${name}`,
        groups: [
          'system:serviceaccounts',
          `system:serviceaccounts:${namespace}`,
          'system:authenticated',
        ],
      });
      return wireAnswer({ status: 201, body: tokenRequest(token, body, nowUnixUs()) });
    },
  };
}

function tokenRequest(token: string, body: unknown, nowUnixUs: number): unknown {
  const spec = (body as { readonly spec?: { readonly expirationSeconds?: unknown } } | undefined)
    ?.spec;
  const asked = Number(spec?.expirationSeconds ?? DEFAULT_SECONDS);
  const seconds = Number.isFinite(asked) ? asked : DEFAULT_SECONDS;
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: { ...spec, expirationSeconds: seconds },
    status: { token, expirationTimestamp: rfc3339(nowUnixUs + seconds * 1e6) },
  };
}
