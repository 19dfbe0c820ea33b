/** Requests made for somebody else, whom the server takes us for where we may do that. */

import type { Transport } from '../api/transport.ts';

export interface Identity {
  readonly user: string;
  /** What tokens carry beside the name: the node that an account is bound to. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** A service account; bound to a node where one is named. */
export function serviceAccount(namespace: string, name: string, node?: string): Identity {
  const user = `system:serviceaccount:${namespace}:${name}`;
  return node === undefined ? { user } : { user, extra: { [NODE]: node } };
}

/** kubernetes pkg/serviceaccount/claims.go: of tokens bound to a node. */
const NODE = 'authentication.kubernetes.io/node-name';

/** The same transport, on which every request is made for the identity; watches are ours. */
export function actingFor(transport: Transport, identity: Identity): Transport {
  const headers = impersonationHeaders(identity);
  return {
    ...transport,
    request: (request) =>
      transport.request({ ...request, headers: { ...request.headers, ...headers } }),
  };
}

function impersonationHeaders({ user, extra }: Identity): Readonly<Record<string, string>> {
  // The server adds the groups of service accounts itself (apiserver endpoints impersonation.go).
  const extras = Object.entries(extra ?? {}).map(([key, value]) => [
    `Impersonate-Extra-${encodeURIComponent(key)}`,
    value,
  ]);
  return { 'Impersonate-User': user, ...Object.fromEntries(extras) };
}
