/** The certificates of a control plane on loopback: one authority, and who it vouches for. */

import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueCertificate, type KeyPair } from '../../../src/sim/apiserver/https/certificate.ts';
import { systemClock } from '../../../src/core/system-clock.ts';

export interface Authority {
  /** PEM, and the file that it is in. */
  readonly certificate: string;
  readonly file: string;
  /** Files of a certificate and its key: `NAME.crt`, `NAME.key`. */
  server(name: string, hosts: readonly string[]): Files;
  client(name: string, commonName: string, organization?: string): Files;
  /** A kubeconfig of that client. */
  kubeconfig(server: string, files: Files): string;
}

export interface Files extends KeyPair {
  readonly name: string;
  readonly crt: string;
  readonly keyFile: string;
}

const COMMON_NAME = 'real-arm-ca';
const LOOPBACK = ['localhost', '127.0.0.1'];

export function createAuthority(folder: string): Authority {
  const nowUnixUs = systemClock().wallUs();
  const own = issueCertificate({ commonName: COMMON_NAME, role: 'ca', nowUnixUs });
  const issuer = { ...own, commonName: COMMON_NAME };
  const file = join(folder, 'ca.crt');
  writeFileSync(file, own.certificate);
  const keep = (name: string, pair: KeyPair): Files => {
    const crt = join(folder, `${name}.crt`);
    const keyFile = join(folder, `${name}.key`);
    writeFileSync(crt, pair.certificate);
    writeFileSync(keyFile, pair.key);
    return { ...pair, name, crt, keyFile };
  };
  return {
    certificate: own.certificate,
    file,
    server: (name, hosts) =>
      keep(
        name,
        issueCertificate({
          commonName: name,
          role: 'server',
          hosts: [...LOOPBACK, ...hosts],
          issuer,
          nowUnixUs,
        }),
      ),
    client: (name, commonName, organization) =>
      keep(
        name,
        issueCertificate({
          commonName,
          role: 'client',
          issuer,
          nowUnixUs,
          ...(organization === undefined ? {} : { organization }),
        }),
      ),
    kubeconfig(server, { name, certificate, key }) {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(path, kubeconfigOf(server, own.certificate, { certificate, key }));
      return path;
    },
  };
}

function kubeconfigOf(server: string, authority: string, { certificate, key }: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [
      { name: 'real', cluster: { server, 'certificate-authority-data': base64(authority) } },
    ],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'real' } }],
    users: [
      {
        name: 'real',
        user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
      },
    ],
  });
}

/** The key that service account tokens are signed with. */
export function signingKey(folder: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = join(folder, 'service-account.key');
  writeFileSync(file, privateKey.export({ type: 'sec1', format: 'pem' }));
  return file;
}
