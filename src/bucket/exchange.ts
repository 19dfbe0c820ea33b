/**
 * One signed request to a bucket and its answer, and the same again where it may pass by itself.
 * aws4 signs; what is sent is signed with its digest, so a server refuses what changed on the way.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Agent, type ClientRequest, type IncomingMessage, request as plain } from 'node:http';
import { request as tls } from 'node:https';
import { pipeline } from 'node:stream/promises';
import aws4 from 'aws4';
import type { Clock } from '../core/clock.ts';
import { explainDisk } from '../core/disk-trouble.ts';
import { MILLISECOND, MINUTE, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { rfc3339 } from '../core/time-text.ts';
import type { BackoffPolicy } from '../kube/backoff.ts';
import { retry } from '../kube/retry.ts';
import type { BucketPlace } from './place.ts';
import { BucketError } from './bucket-error.ts';
import { connectionTrouble, foreignAnswer, refusalOf } from './trouble.ts';

/** What is put: a text, bytes, or the beginning of a file whose digest is known. */
export type Content = string | Uint8Array | FileContent;

export interface FileContent {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface BucketRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Empty for the bucket itself; else below it, of plain characters. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Content;
}

export interface ExchangeOptions {
  readonly place: BucketPlace;
  readonly agent: Agent;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly userAgent: string;
  /** Once aborted, what is under way is cut off. */
  readonly signal: AbortSignal;
  /** A request is not made again after so long. */
  readonly patienceUs: number;
  /** Told once of each request that is made again. */
  readonly onTrouble?: (error: Error) => void;
}

const BACKOFF: BackoffPolicy = { firstUs: 200 * MILLISECOND, maxUs: 20 * SECOND, factor: 2 };

/** Who moves no byte for so long is given up. */
const SILENCE_US = MINUTE;

const ERROR_CHARS_MAX = 64 * 1024;

/** Throws BucketError. `read` takes the whole body of an answer that is a success. */
export function exchange<T>(
  options: ExchangeOptions,
  request: BucketRequest,
  read: (incoming: IncomingMessage) => Promise<T>,
): Promise<T> {
  const { clock, rng, signal, patienceUs: timeoutUs } = options;
  const isPassing = (error: unknown) => error instanceof BucketError && error.isPassing;
  let isTold = false;
  const onRetry = (error: unknown) => {
    if (!isTold) options.onTrouble?.(error as BucketError);
    isTold = true;
  };
  return retry({ clock, rng, signal, backoff: BACKOFF, timeoutUs, isPassing, onRetry }, () =>
    once(options, request, read),
  );
}

async function once<T>(
  options: ExchangeOptions,
  request: BucketRequest,
  read: (incoming: IncomingMessage) => Promise<T>,
): Promise<T> {
  const { place, clock, signal } = options;
  const outgoing = open(options, request);
  const watch = watchdog(clock, outgoing);
  const onAbort = () => outgoing.destroy(new Error('cut off'));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answered = answerTo(outgoing);
    // A refusal may come before all was sent, and the connection break then: it is what counts.
    const sent = send(outgoing, request.content, watch.moved).catch(() => {});
    const incoming = await answered;
    incoming.on('data', watch.moved).pause();
    const { statusCode: status = 0, headers } = incoming;
    if (status >= 200 && status < 300) {
      const value = await read(incoming);
      await sent;
      return value;
    }
    const text = await readText(incoming, ERROR_CHARS_MAX, 'cut').catch(() => '');
    throw refusalOf(place, { status, headers, text, wallUs: clock.wallUs() });
  } catch (error) {
    const isOurs = error instanceof BucketError || explainDisk(error) !== undefined;
    if (isOurs || !(error instanceof Error) || !('code' in error)) throw error;
    throw connectionTrouble(place, error as NodeJS.ErrnoException);
  } finally {
    watch.stop();
    signal.removeEventListener('abort', onAbort);
    if (!outgoing.closed) outgoing.destroy();
  }
}

function open(options: ExchangeOptions, request: BucketRequest): ClientRequest {
  const { place, agent, clock, userAgent } = options;
  const { protocol, host, hostname, port } = new URL(place.endpoint);
  const { method, key, query = {}, content } = request;
  const root = place.isPathStyle ? `/${place.bucket}` : '';
  const path = `${root}/${key}`;
  const search = Object.entries(query).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  const { bytes, sha256 } = measure(content ?? '');
  const signed = aws4.sign(
    {
      service: 's3',
      region: place.region,
      method,
      host,
      path: search.length === 0 ? path : `${path}?${search.join('&')}`,
      headers: {
        ...request.headers,
        Host: host,
        'X-Amz-Date': rfc3339(clock.wallUs()).replace(/[-:]/g, ''),
        'X-Amz-Content-Sha256': sha256,
        ...(method === 'PUT' ? { 'Content-Length': String(bytes) } : {}),
      },
    },
    place.credentials,
  );
  const headers = { ...signed.headers, 'User-Agent': userAgent };
  const at = { hostname, port, path: signed.path, method, headers, agent };
  return (protocol === 'https:' ? tls : plain)(at);
}

function measure(content: Content): Pick<FileContent, 'bytes' | 'sha256'> {
  if (typeof content !== 'string' && 'sha256' in content) return content;
  const data = typeof content === 'string' ? Buffer.from(content) : content;
  return { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
}

async function send(
  outgoing: ClientRequest,
  content: Content | undefined,
  moved: () => void,
): Promise<void> {
  if (content === undefined || typeof content === 'string' || !('sha256' in content)) {
    outgoing.end(content);
    return;
  }
  if (content.bytes === 0) return void outgoing.end();
  const file = createReadStream(content.path, { end: content.bytes - 1 });
  file.on('data', moved);
  await pipeline(file, outgoing);
}

function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      reject(Object.assign(error, { code: error.code ?? 'EABORTED' }));
    });
  });
}

/** Cuts a request off that moves nothing. */
function watchdog(clock: Clock, outgoing: ClientRequest) {
  const bite = () => {
    outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  };
  let cancel = clock.schedule(SILENCE_US, bite);
  let movedUs = clock.nowUs();
  return {
    moved() {
      const nowUs = clock.nowUs();
      if (nowUs - movedUs < SECOND) return;
      movedUs = nowUs;
      cancel();
      cancel = clock.schedule(SILENCE_US, bite);
    },
    stop: () => cancel(),
  };
}

/** The body as text; of one that is longer its beginning, or an error. */
async function readText(
  incoming: IncomingMessage,
  charsMax: number,
  whenLonger: 'cut' | 'throw',
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += (chunk as Buffer).length;
    if (length > charsMax && whenLonger === 'throw') throw new BodyTooLong();
    chunks.push(chunk as Buffer);
    if (length > charsMax) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Nobody needs an answer of this length. */
class BodyTooLong extends Error {}

/** The text of a success. Throws BucketError where it is too long to be true. */
export async function readWhole(
  place: BucketPlace,
  incoming: IncomingMessage,
  charsMax: number,
): Promise<string> {
  try {
    return await readText(incoming, charsMax, 'throw');
  } catch (error) {
    if (error instanceof BodyTooLong) {
      throw foreignAnswer(place, `answers with more than ${charsMax} bytes`);
    }
    throw error;
  }
}
