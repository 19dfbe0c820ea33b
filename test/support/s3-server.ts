/**
 * A small S3 server. It knows nothing of how requests are signed here: it works the signature out
 * of what came over the wire by AWS's description of Signature Version 4, and refuses what differs,
 * as it refuses a body that is not the one that was signed for.
 */

import { createHash, createHmac } from 'node:crypto';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCredentials } from '../../src/sim/apiserver/https/credentials.ts';
import { systemClock } from '../../src/core/system-clock.ts';

export const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXU/tnFEMI+K7',
};

export interface StoredObject {
  readonly data: Buffer;
  readonly etag: string;
  /** Unix milliseconds. */
  writtenMs: number;
}

/** What is answered instead; `cut` breaks the connection, `slow` never answers. */
export type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'cut'
  | 'half';

export interface S3Server {
  readonly url: string;
  /** The authority of its certificate, PEM; empty where it speaks plain HTTP. */
  readonly authority: string;
  /** `bucket/key`. */
  readonly objects: Map<string, StoredObject>;
  /** `METHOD /path?query`, of all requests that were signed right. */
  readonly requests: string[];
  /** Asked before each request. */
  fault: (request: IncomingMessage) => Fault | undefined;
  /** Variables for whoever uses it. */
  env(more?: Readonly<Record<string, string>>): Record<string, string>;
  close(): Promise<void>;
}

export interface S3Options {
  readonly bucket?: string;
  readonly tls?: boolean;
  /** Entries of a page of a list. */
  readonly pageSize?: number;
  /** Conditions of a put are answered with 501, as some servers do. */
  readonly knowsConditions?: boolean;
  /** Unix milliseconds now. */
  readonly nowMs?: () => number;
  /** How long each answer takes, of the wall clock. */
  readonly answerMs?: number;
}

export async function startS3({
  bucket = 'results',
  tls = false,
  pageSize = 1000,
  knowsConditions = true,
  nowMs = Date.now,
  answerMs = 0,
}: S3Options = {}): Promise<S3Server> {
  const objects = new Map<string, StoredObject>();
  const requests: string[] = [];
  const credentials = tls
    ? createCredentials(['127.0.0.1', 'localhost'], systemClock().wallUs())
    : undefined;
  const listen = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await read(request);
    if (answerMs > 0) await systemClock().sleep(answerMs * 1000);
    const fault = server.fault(request);
    if (fault === 'cut') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { Date: now(), ...fault.headers }).end(fault.body);
      return;
    }
    const refusal = findFault(request, body, nowMs());
    if (refusal !== undefined) return refuse(response, refusal[0], refusal[1]);
    requests.push(`${request.method} ${request.url}`);
    serve(
      { bucket, objects, pageSize, knowsConditions, isHalf: fault === 'half' },
      request,
      response,
      body,
    );
  };
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    void listen(request, response);
  const http = credentials
    ? createTls({ cert: credentials.server.certificate, key: credentials.server.key }, answer)
    : createPlain(answer);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const server: S3Server = {
    url,
    authority: credentials?.authority ?? '',
    objects,
    requests,
    fault: () => undefined,
    env: (more = {}) => ({ ...KEYS, AWS_ENDPOINT_URL: url, ...more }),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

const now = () => new Date().toUTCString();

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** [status, code] of what is wrong with who asks, and with what was sent. */
function findFault(
  request: IncomingMessage,
  body: Buffer,
  nowMs: number,
): readonly [number, string] | undefined {
  const { headers } = request;
  const said =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (said === null) return [403, 'AccessDenied'];
  const [, id = '', day = '', region = '', names = '', signature = ''] = said;
  if (id !== KEYS.AWS_ACCESS_KEY_ID) return [403, 'InvalidAccessKeyId'];
  const stamp = String(headers['x-amz-date']);
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  const skewMs = Math.abs(Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) - nowMs);
  if (!(skewMs < 15 * 60_000)) return [403, 'RequestTimeTooSkewed'];
  const digest = String(headers['x-amz-content-sha256']);
  const signed = names.split(';');
  const needed = ['host', 'x-amz-content-sha256', 'x-amz-date'];
  if (!needed.every((name) => signed.includes(name))) return [403, 'AccessDenied'];
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonical = [
    request.method,
    path,
    query.split('&').filter(Boolean).sort().join('&'),
    ...signed.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    digest,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${KEYS.AWS_SECRET_ACCESS_KEY}`,
  );
  if (hmac(key, text).toString('hex') !== signature) return [403, 'SignatureDoesNotMatch'];
  return sha256(body) === digest ? undefined : [400, 'XAmzContentSHA256Mismatch'];
}

interface Site {
  readonly bucket: string;
  readonly objects: Map<string, StoredObject>;
  readonly pageSize: number;
  readonly knowsConditions: boolean;
  /** Half of the body, and then a break. */
  readonly isHalf: boolean;
}

function serve(site: Site, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const url = new URL(request.url ?? '', 'http://s3');
  const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  if (bucket !== site.bucket) return refuse(response, 404, 'NoSuchBucket');
  const name = `${bucket}/${key}`;
  const found = site.objects.get(name);
  if (key === '') return list(site, url.searchParams, response);
  if (request.method === 'PUT') {
    const { 'if-none-match': none, 'if-match': match } = request.headers;
    if ((none ?? match) !== undefined && !site.knowsConditions) {
      return refuse(response, 501, 'NotImplemented');
    }
    const isRefused =
      none === '*' ? found !== undefined : match !== undefined && found?.etag !== match;
    if (isRefused) return refuse(response, 412, 'PreconditionFailed');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    site.objects.set(name, { data: body, etag, writtenMs: Date.now() });
    response.writeHead(200, { ETag: etag }).end();
    return;
  }
  if (request.method === 'DELETE') {
    site.objects.delete(name);
    response.writeHead(204).end();
    return;
  }
  if (found === undefined) return refuse(response, 404, 'NoSuchKey');
  const { data, etag, writtenMs } = found;
  response.writeHead(200, {
    'Content-Length': data.length,
    ETag: etag,
    'Last-Modified': new Date(writtenMs).toUTCString(),
  });
  if (!site.isHalf) return void response.end(data);
  response.write(data.subarray(0, data.length >> 1), () => request.socket.destroy());
}

function list(
  { bucket, objects, pageSize }: Site,
  query: URLSearchParams,
  response: ServerResponse,
) {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64').toString();
  const names = [...objects.keys()]
    .map((name) => name.slice(bucket.length + 1))
    .filter((name) => name.startsWith(prefix));
  const rolled = names.map((name) => {
    const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    return end < 0 ? `k${name}` : `p${name.slice(0, end + 1)}`;
  });
  const all = [...new Set(rolled)].sort((a, b) => (a.slice(1) < b.slice(1) ? -1 : 1));
  const left = all.filter((each) => each.slice(1) > after);
  const page = left.slice(0, pageSize);
  const isCut = left.length > page.length;
  const last = page.at(-1)?.slice(1) ?? '';
  const entries = page.map((each) => {
    const name = encodeURIComponent(each.slice(1)).replaceAll('%2F', '/');
    return each.startsWith('p')
      ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${name}</Key><Size>1</Size></Contents>`;
  });
  const token = Buffer.from(last).toString('base64');
  response
    .writeHead(200, { 'Content-Type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/` +
        `2006-03-01/"><Name>${bucket}</Name><IsTruncated>${isCut}</IsTruncated>` +
        `${isCut ? `<NextContinuationToken>${token}</NextContinuationToken>` : ''}` +
        `${entries.join('')}</ListBucketResult>`,
    );
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Said the server.</Message></Error>`;
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(body);
}
