/**
 * Tokens of service accounts, as `kubectl create token` asks for them: they expire when they say
 * so, and die with their account.
 */

import { randomBytes } from 'node:crypto';
import type { Resource } from '../../../api/resources.ts';
import { SECOND } from '../../../core/duration.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { notFound } from '../core/refusal.ts';
import { findRoute } from '../registry/routes.ts';
import type { ApiServer } from '../server/server.ts';
import type { User } from '../authorization/user.ts';
import { refusedAnswer, type WireAnswer, type WireRequest, wireAnswer } from '../wire/wire.ts';

export interface TokenBook {
  /** Whose token it is; undefined where it is nobody's. */
  holderOf(token: string): User | undefined;
  /** The answer where the request asks for a token. */
  answer(request: WireRequest): WireAnswer | undefined;
}

interface Holder {
  readonly user: User;
  readonly account: {
    readonly resource: Resource;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string | undefined;
  };
  readonly expiresUs: number;
}

const DEFAULT_SECONDS = 3600;
/** Far beyond any run, and still a time. */
const SECONDS_MAX = 2 ** 32;

export function createTokenBook(server: ApiServer, nowUnixUs: () => number): TokenBook {
  const holders = new Map<string, Holder>();
  const lives = ({ account, expiresUs }: Holder) =>
    expiresUs > nowUnixUs() &&
    server.peek(account.resource, account.namespace, account.name)?.metadata.uid === account.uid;
  return {
    holderOf(token) {
      const holder = holders.get(token);
      if (holder === undefined) return undefined;
      if (lives(holder)) return holder.user;
      holders.delete(token);
      return undefined;
    },
    answer({ method, path, body }) {
      if (method !== 'POST' || !path.endsWith('/token')) return undefined;
      const target = findRoute(server.registry, path);
      if (target?.subresource !== 'token' || target.name === undefined) return undefined;
      const { definition, namespace = '', name } = target;
      const account = server.peek(definition.resource, namespace, name);
      if (!account) {
        return refusedAnswer(notFound(definition.resource, name));
      }
      const token = randomBytes(32).toString('base64url');
      const seconds = readSeconds(body);
      holders.set(token, {
        user: {
          username: `system:serviceaccount:${namespace}:${name}`,
          groups: [
            'system:serviceaccounts',
            `system:serviceaccounts:${namespace}`,
            'system:authenticated',
          ],
        },
        account: { resource: definition.resource, namespace, name, uid: account.metadata.uid },
        expiresUs: nowUnixUs() + seconds * SECOND,
      });
      return wireAnswer({ status: 201, body: tokenRequest(token, body, seconds, nowUnixUs()) });
    },
  };
}

interface Asked {
  readonly spec?: { readonly expirationSeconds?: unknown };
}

function readSeconds(body: unknown): number {
  const asked = Number((body as Asked | undefined)?.spec?.expirationSeconds ?? DEFAULT_SECONDS);
  return Number.isFinite(asked) ? Math.min(asked, SECONDS_MAX) : DEFAULT_SECONDS;
}

function tokenRequest(token: string, body: unknown, seconds: number, nowUnixUs: number): unknown {
  const spec = (body as Asked | undefined)?.spec;
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: { ...spec, expirationSeconds: seconds },
    status: { token, expirationTimestamp: rfc3339(nowUnixUs + seconds * 1e6) },
  };
}
