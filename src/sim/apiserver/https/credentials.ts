/** Who may talk to the server, and how it proves itself: a CA, certificates, and a bearer token. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import type { User } from '../authorization/user.ts';
import { issueCertificate, type KeyPair } from './certificate.ts';

export interface Credentials {
  /** PEM of the CA, by which clients know the server. */
  readonly authority: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
  readonly token: string;
}

const AUTHORITY = 'simulated-cluster-ca';
const ADMIN = { commonName: 'simulated-admin', organization: 'system:masters' };
const TOKEN_USER: User = {
  username: ADMIN.commonName,
  groups: [ADMIN.organization, 'system:authenticated'],
};

/** Fresh credentials; `hosts` are the names and addresses clients will use. */
export function createCredentials(hosts: readonly string[], nowUnixUs: number): Credentials {
  const authority = issueCertificate({ commonName: AUTHORITY, role: 'ca', nowUnixUs });
  const issuer = { ...authority, commonName: AUTHORITY };
  const server = { commonName: 'kube-apiserver', role: 'server', hosts } as const;
  return {
    authority: authority.certificate,
    server: issueCertificate({ ...server, issuer, nowUnixUs }),
    client: issueCertificate({ ...ADMIN, role: 'client', issuer, nowUnixUs }),
    token: randomBytes(24).toString('base64url'),
  };
}

/** A kubeconfig with two contexts: one by certificate, which is current, and one by token. */
export function kubeconfigText(
  url: string,
  credentials: Credentials | undefined,
  name: string,
): string {
  if (!credentials) return openKubeconfigText(url, name);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const cluster = { server: url, 'certificate-authority-data': base64(credentials.authority) };
  const context = (user: string) => ({ cluster: name, user, namespace: 'default' });
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster }],
    contexts: [
      { name, context: context(`${name}-certificate`) },
      { name: `${name}-token`, context: context(`${name}-token`) },
    ],
    users: [
      {
        name: `${name}-certificate`,
        user: {
          'client-certificate-data': base64(credentials.client.certificate),
          'client-key-data': base64(credentials.client.key),
        },
      },
      { name: `${name}-token`, user: { token: credentials.token } },
    ],
  });
}

/** For a server that lets everyone in. */
function openKubeconfigText(url: string, name: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: url } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    users: [{ name, user: {} }],
  });
}

/** Who sends the request; undefined where the credentials are wrong or missing. */
export function authenticate(
  request: IncomingMessage,
  credentials: Credentials,
  holderOf: (token: string) => User | undefined,
): User | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, token = ''] = /^Bearer\s+(\S+)$/i.exec(authorization) ?? [];
    return sameSecret(token, credentials.token) ? TOKEN_USER : holderOf(token);
  }
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  if (!subject?.CN) return undefined;
  const groups = ([] as string[]).concat(subject.O ?? []);
  return { username: String(subject.CN), groups: [...groups, 'system:authenticated'] };
}

/** Compares in constant time, whatever the lengths. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
