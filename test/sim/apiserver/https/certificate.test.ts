/** Certificates of our own making, read by OpenSSL's eyes. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  createCredentials,
  kubeconfigText,
} from '../../../../src/sim/apiserver/https/credentials.ts';

const NOW_US = 1_717_200_000e6;
const hosts = ['127.0.0.1', '::1', 'fd00::1:2', 'localhost', 'cluster.example'];
const credentials = createCredentials(hosts, NOW_US);

test('the CA signs both, and names are where they belong', () => {
  const authority = new X509Certificate(credentials.authority);
  const server = new X509Certificate(credentials.server.certificate);
  const client = new X509Certificate(credentials.client.certificate);
  expect(authority.ca).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  for (const leaf of [server, client]) {
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.validFrom).toBe('May 31 00:00:00 2024 GMT');
    expect(leaf.validTo).toBe('May 30 00:00:00 2034 GMT');
  }
  expect(server.checkPrivateKey(createPrivateKey(credentials.server.key))).toBe(true);
  expect(server.checkHost('localhost')).toBe('localhost');
  expect(server.checkHost('elsewhere')).toBeUndefined();
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.subjectAltName).toContain('IP Address:FD00:0:0:0:0:0:1:2');
  expect(client.subject).toBe('O=system:masters\nCN=simulated-admin');
});

test('the kubeconfig has a context by certificate and one by token', () => {
  const config = parse(kubeconfigText('https://127.0.0.1:6443', credentials, 'simulated')) as {
    contexts: { name: string }[];
    users: { user: { token?: string } }[];
    clusters: { cluster: Record<string, string> }[];
  };
  expect(config.contexts.map(({ name }) => name)).toEqual(['simulated', 'simulated-token']);
  expect(config.users[1]?.user.token).toBe(credentials.token);
  const authority = config.clusters[0]?.cluster['certificate-authority-data'] ?? '';
  expect(Buffer.from(authority, 'base64').toString()).toBe(credentials.authority);
});
