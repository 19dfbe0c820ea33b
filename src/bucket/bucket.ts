/**
 * An S3-compatible bucket, as much of it as runs need: whole objects put, read, listed and removed,
 * below one prefix. Works with AWS S3, Ceph RGW, MinIO: nothing is asked that one of them lacks.
 */

import { createHash } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Agent as PlainAgent, type Agent, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rootCertificates } from 'node:tls';
import { UsageError } from '../core/usage-error.ts';
import type { Clock } from '../core/clock.ts';
import { MINUTE } from '../core/duration.ts';
import { createRng, freshUuid } from '../core/rng.ts';
import { proxyFor } from '../kube/proxy.ts';
import { type Content, exchange, type ExchangeOptions, readWhole } from './exchange.ts';
import { type Listed, listFolder } from './listing.ts';
import { type BucketPlace, isPlainKey } from './place.ts';
import { BucketError } from './bucket-error.ts';
import { foreignAnswer } from './trouble.ts';

export interface SmallObject {
  readonly text: string;
  readonly etag: string;
  /** How long ago it was written, by the bucket's own clock; undefined where it does not say. */
  readonly ageUs: number | undefined;
}

/** What an object has to be: what it is not is refused. */
export interface ObjectFact {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Keys are below the prefix of the address. All throw BucketError. */
export interface Bucket {
  /** `s3://BUCKET/PREFIX`, for people. */
  readonly name: string;
  put(key: string, content: Content): Promise<void>;
  /** Only where there is none, or none but that of `etag`; whether it was put. */
  putIf(key: string, content: string, etag: string | undefined): Promise<boolean>;
  /** Undefined where there is none. */
  read(key: string, charsMax: number): Promise<SmallObject | undefined>;
  /** Into a file of a folder that is there; it is there whole or not at all. */
  download(key: string, path: string, fact: ObjectFact): Promise<void>;
  list(folder: string): AsyncGenerator<Listed>;
  remove(key: string): Promise<void>;
  close(): void;
}

export interface BucketOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  readonly patienceUs?: number;
  /** Told once of each request that is made again. */
  readonly onTrouble?: (error: Error) => void;
}

const PATIENCE_US = 3 * MINUTE;
/** Requests at a time: most of what one takes is the way there and back. */
export const SOCKETS_MAX = 16;

export async function openBucket(place: BucketPlace, options: BucketOptions): Promise<Bucket> {
  const { clock, env, patienceUs = PATIENCE_US, ...rest } = options;
  const agent = await agentFor(place, env);
  const rng = createRng(freshUuid());
  const asking: ExchangeOptions = { place, agent, clock, rng, patienceUs, ...rest };
  const at = (key: string) => ({ key: `${place.prefix}${checked(key)}` });
  return {
    name: `s3://${place.bucket}/${place.prefix}`.replace(/\/$/, ''),
    async put(key, content) {
      await exchange(asking, { method: 'PUT', ...at(key), content }, drain);
    },
    putIf: (key, content, etag) =>
      orElse(['PreconditionFailed', 'ConditionalRequestConflict'], false, async () => {
        const headers: Readonly<Record<string, string>> =
          etag === undefined ? { 'If-None-Match': '*' } : { 'If-Match': etag };
        await exchange(asking, { method: 'PUT', ...at(key), content, headers }, drain);
        return true;
      }),
    read: (key, charsMax) =>
      orElse(['NoSuchKey'], undefined, () =>
        exchange(asking, { method: 'GET', ...at(key) }, async (incoming) => {
          const { etag = '', date, 'last-modified': written } = incoming.headers;
          const text = await readWhole(place, incoming, charsMax);
          const ageMs = Date.parse(date ?? '') - Date.parse(written ?? '');
          return { text, etag, ageUs: Number.isNaN(ageMs) ? undefined : ageMs * 1000 };
        }),
      ),
    download: (key, path, fact) =>
      exchange(asking, { method: 'GET', ...at(key) }, (incoming) =>
        writeFile(place, incoming, path, fact),
      ),
    list: (folder) => listFolder(asking, folder === '' ? '' : `${checked(folder)}/`),
    async remove(key) {
      await exchange(asking, { method: 'DELETE', ...at(key) }, drain);
    },
    close: () => agent.destroy(),
  };
}

/** Ours, and what we were told by a bucket: neither leads anywhere else. */
function checked(key: string): string {
  if (isPlainKey(key)) return key;
  throw new UsageError(`${JSON.stringify(key.slice(0, 80))} is no name of an object of bench`);
}

async function orElse<T>(codes: readonly string[], instead: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BucketError && codes.includes(error.code)) return instead;
    throw error;
  }
}

async function drain(incoming: IncomingMessage): Promise<void> {
  for await (const _ of incoming);
}

async function writeFile(
  place: BucketPlace,
  incoming: IncomingMessage,
  path: string,
  { bytes, sha256 }: ObjectFact,
): Promise<void> {
  const draft = `${path}.${freshUuid().slice(0, 8)}.new`;
  const hash = createHash('sha256');
  let length = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      length += chunk.length;
      hash.update(chunk);
      done(length > bytes ? torn(place, path) : null, chunk);
    },
  });
  try {
    await pipeline(incoming, measure, createWriteStream(draft, { flags: 'wx' }));
    if (length !== bytes || hash.digest('hex') !== sha256) throw torn(place, path);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function torn(place: BucketPlace, path: string): BucketError {
  return foreignAnswer(place, `has other bytes for ${path} than were put there`);
}

/** Through a proxy where the environment names one. */
async function agentFor(
  { endpoint, authority }: BucketPlace,
  env: BucketOptions['env'],
): Promise<Agent> {
  const pool = { keepAlive: true, maxSockets: SOCKETS_MAX, scheduling: 'fifo' as const };
  const trust = authority === undefined ? {} : { ca: [...rootCertificates, authority] };
  const proxy = proxyFor(endpoint, env);
  const isTls = endpoint.startsWith('https:');
  if (proxy === undefined)
    return isTls ? new TlsAgent({ ...pool, ...trust }) : new PlainAgent(pool);
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  return isTls
    ? new HttpsProxyAgent({ ...pool, ...trust, proxy })
    : new HttpProxyAgent({ ...pool, proxy });
}
