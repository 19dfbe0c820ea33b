/**
 * Answers as bytes. Long lists are written in pieces, so that a list of 100,000 objects never holds
 * up everyone else, and compressed where that pays.
 */

import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import { settle } from '../../../core/settle.ts';
import { httpDate } from '../../../core/time-text.ts';
import type { WireAnswer } from '../wire/wire.ts';

/** apiserver handlers/responsewriters: smaller answers are not compressed. */
const GZIP_FROM_BYTES = 128 * 1024;
const PIECE_LENGTH = 200;
const gzipped = promisify(gzip);

/** What every answer says of the server itself. */
export interface Face {
  /** Tells clients that the cluster is simulated, and its pace. */
  readonly simulation: string;
  /** The clock that stamps objects stamps answers too. */
  nowUnixUs(): number;
}

export interface SendOptions {
  readonly acceptsGzip: boolean;
  readonly face: Face;
  /** In which slow bodies trickle. */
  readonly clock: Clock;
}

/** Sends the answer; resolves when it is written or the client is gone. */
export async function sendAnswer(
  response: ServerResponse,
  answer: WireAnswer,
  options: SendOptions,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  setHeaders(response, answer, options.face);
  if (answer.bytesPerSecond !== undefined) {
    await sendSlowly(response, answer.body, answer.bytesPerSecond, options.clock);
    return;
  }
  const long = findLongList(answer.body);
  if (long) {
    await sendLong(response, answer, long, options.acceptsGzip);
    return;
  }
  const body =
    answer.body instanceof Uint8Array ? answer.body : Buffer.from(serialise(answer.body));
  if (options.acceptsGzip && body.length >= GZIP_FROM_BYTES) {
    response.setHeader('content-encoding', 'gzip');
    response.end(await gzipped(body));
    return;
  }
  response.setHeader('content-length', body.length);
  response.end(body);
}

export function setHeaders(
  response: ServerResponse,
  answer: Pick<WireAnswer, 'status' | 'contentType' | 'headers' | 'warnings'>,
  { simulation, nowUnixUs }: Face,
): void {
  response.statusCode = answer.status;
  response.setHeader('content-type', answer.contentType);
  response.setHeader('cache-control', 'no-cache, private');
  response.setHeader('date', httpDate(nowUnixUs()));
  response.setHeader('simulated-cluster', simulation);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.warnings.length > 0) {
    response.setHeader('warning', answer.warnings.map(warningText));
  }
}

/** Ten pieces a second, uncompressed. */
async function sendSlowly(
  response: ServerResponse,
  body: unknown,
  bytesPerSecond: number,
  clock: Clock,
): Promise<void> {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(serialise(body));
  const pieceLength = Math.max(1, Math.round(bytesPerSecond / 10));
  response.setHeader('content-length', bytes.length);
  for (let at = 0; at < bytes.length && !response.destroyed; at += pieceLength) {
    response.write(bytes.subarray(at, at + pieceLength));
    await clock.sleep((pieceLength / bytesPerSecond) * SECOND);
  }
  response.end();
}

function warningText(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, ' ').replaceAll(/["\\]/g, String.raw`\$&`);
  return `299 - "${plain}"`;
}

function serialise(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
}

interface LongList {
  readonly key: 'items' | 'rows';
  readonly entries: readonly unknown[];
}

function findLongList(body: unknown): LongList | undefined {
  const tree = body as Readonly<Record<string, unknown>> | null | undefined;
  for (const key of ['items', 'rows'] as const) {
    const entries = tree?.[key];
    if (Array.isArray(entries) && entries.length > PIECE_LENGTH) return { key, entries };
  }
  return undefined;
}

/** The list's frame around its entries, piece by piece, with a turn of the loop between pieces. */
async function sendLong(
  response: ServerResponse,
  { body }: WireAnswer,
  { key, entries }: LongList,
  acceptsGzip: boolean,
): Promise<void> {
  const out: Writable = acceptsGzip ? createGzip({ level: 1 }) : response;
  if (out !== response) {
    response.setHeader('content-encoding', 'gzip');
    out.pipe(response);
  }
  const { [key]: _, ...frame } = body as Readonly<Record<string, unknown>>;
  out.write(`${JSON.stringify(frame).slice(0, -1)},"${key}":[`);
  for (let start = 0; start < entries.length && !response.destroyed; start += PIECE_LENGTH) {
    const piece = JSON.stringify(entries.slice(start, start + PIECE_LENGTH)).slice(1, -1);
    out.write(start === 0 ? piece : `,${piece}`);
    await settle();
    if (out.writableNeedDrain && !response.destroyed) await drained(out, response);
  }
  out.end(']}\n');
}

function drained(out: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      out.off('drain', done);
      response.off('close', done);
      resolve();
    };
    out.on('drain', done);
    response.on('close', done);
  });
}
