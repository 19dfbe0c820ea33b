/** What came over HTTP, read as the answer of an API server; or known to be somebody else's. */

import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { ApiResponse } from '../api/transport.ts';
import { ForeignAnswerError } from './foreign-answer.ts';

/** The whole body as text. */
export async function readAll(incoming: IncomingMessage): Promise<string> {
  const zipped = incoming.headers['content-encoding'] === 'gzip';
  const stream = zipped ? incoming.pipe(createGunzip()) : incoming;
  const broken = new Promise<never>((_, reject) => {
    incoming.once('aborted', () => reject(new Error('the answer broke off')));
    incoming.once('error', reject);
  });
  const whole = (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  })();
  return Promise.race([whole, broken]);
}

/** Throws ForeignAnswerError for what no API server says. */
export function toApiResponse(
  incoming: IncomingMessage,
  text: string,
  receivedUs: number,
): ApiResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const status = incoming.statusCode ?? 0;
  checkOwnAnswer(status, text, headers);
  const answeredSeconds = readSecond(headers['date']);
  return { status, headers, body: parseBody(text), receivedUs, answeredSeconds };
}

function readSecond(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

/** A log-in page comes with 200, the way to one with 302; an API server does neither. */
function checkOwnAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (status >= 300 && status < 400) {
    throw new ForeignAnswerError(`is redirected to ${hostOf(headers['location'])} (${status})`);
  }
  const isPage = /^\s*</.test(text) || /^text\/html\b/.test(headers['content-type'] ?? '');
  if (status < 300 && isPage) throw new ForeignAnswerError('is answered with a web page');
}

/** Where it goes, without what may be secret in it. */
function hostOf(location: string | undefined): string {
  try {
    return new URL(location ?? '').host;
  } catch {
    return 'somewhere else';
  }
}

/** A body that is no JSON (a proxy's error page, a probe's `ok`) is kept as text. */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
