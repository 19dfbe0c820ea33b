/**
 * X.509 certificates (RFC 5280) on P-256 keys, written by hand: a CA of our own, and what it signs
 * for the server and for a client. Nothing of it outlives the process unless someone saves it.
 */

import { isIP } from 'node:net';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { rfc3339 } from '../../../core/time-text.ts';
import * as der from './der.ts';

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly organization?: string;
  readonly role: 'ca' | 'server' | 'client';
  /** Names and addresses that the server goes by. */
  readonly hosts?: readonly string[];
  /** Now, in microseconds since 1970; the certificate is valid from a day before for ten years. */
  readonly nowUnixUs: number;
  /** Who signs; itself where absent. */
  readonly issuer?: KeyPair & { readonly commonName: string };
}

const DAY_US = 86_400e6;
const ECDSA_WITH_SHA256 = der.sequence(der.objectId('1.2.840.10045.4.3.2'));

export function issueCertificate(request: CertificateRequest): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { issuer } = request;
  const issuerKey = issuer ? createPrivateKey(issuer.key) : privateKey;
  const content = der.sequence(
    der.explicit(0, der.unsigned(Uint8Array.of(2))),
    der.unsigned(randomBytes(16)),
    ECDSA_WITH_SHA256,
    encodeName(issuer ? { commonName: issuer.commonName } : request),
    der.sequence(
      der.generalizedTime(rfc3339(request.nowUnixUs - DAY_US)),
      der.generalizedTime(rfc3339(request.nowUnixUs + 3650 * DAY_US)),
    ),
    encodeName(request),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, makeExtensions(request, publicKey, createPublicKey(issuerKey))),
  );
  const signature = sign('sha256', content, issuerKey);
  return {
    certificate: pem(der.sequence(content, ECDSA_WITH_SHA256, der.bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function encodeName({ commonName, organization }: Partial<CertificateRequest>): der.Der {
  const attribute = (type: string, value: string) =>
    der.encodeSet(der.sequence(der.objectId(type), der.utf8(value)));
  return der.sequence(
    ...(organization === undefined ? [] : [attribute('2.5.4.10', organization)]),
    attribute('2.5.4.3', commonName ?? ''),
  );
}

const SUBJECT_KEY_ID = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENDED_USAGE = '2.5.29.37';
const PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** digitalSignature, and for a CA keyCertSign. */
const USAGE = { leaf: der.bits(Uint8Array.of(0x80), 7), ca: der.bits(Uint8Array.of(0x84), 2) };

function makeExtensions(
  request: CertificateRequest,
  subject: KeyObject,
  issuer: KeyObject,
): der.Der {
  const { role, hosts = [] } = request;
  const isCa = role === 'ca';
  const extensions = [
    extension(BASIC_CONSTRAINTS, der.sequence(...(isCa ? [der.boolean(true)] : [])), true),
    extension(KEY_USAGE, isCa ? USAGE.ca : USAGE.leaf, true),
    extension(SUBJECT_KEY_ID, der.octets(keyId(subject))),
    extension(AUTHORITY_KEY_ID, der.sequence(der.implicit(0, keyId(issuer)))),
  ];
  if (role !== 'ca') {
    extensions.push(extension(EXTENDED_USAGE, der.sequence(der.objectId(PURPOSES[role]))));
  }
  if (hosts.length > 0) {
    extensions.push(extension(ALTERNATIVE_NAMES, der.sequence(...hosts.map(alternativeName))));
  }
  return der.sequence(...extensions);
}

function extension(id: string, value: der.Der, critical = false): der.Der {
  return der.sequence(
    der.objectId(id),
    ...(critical ? [der.boolean(true)] : []),
    der.octets(value),
  );
}

function keyId(key: KeyObject): Uint8Array {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function alternativeName(host: string): der.Der {
  const version = isIP(host);
  if (version === 0) return der.implicit(2, Buffer.from(host));
  return der.implicit(7, version === 4 ? ipv4Bytes(host) : ipv6Bytes(host));
}

function ipv4Bytes(address: string): Uint8Array {
  return Uint8Array.from(address.split('.').map(Number));
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => '0');
  const all = tail === undefined ? front : [...front, ...middle, ...back];
  return Uint8Array.from(
    all.flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}

function pem(content: der.Der): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
