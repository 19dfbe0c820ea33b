/**
 * gRPC over HTTP/2 as far as sidecars need it: calls of one message and one answer. By hand, since
 * the library for it brings a dependency with an install script.
 */

import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type Tree, decodeMessage, encodeMessage } from './protobuf.ts';

const CODES = {
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  ResourceExhausted: 8,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
} as const;

export type GrpcCode = keyof typeof CODES;

export type GrpcAnswer =
  | { readonly ok: true; readonly value: Tree }
  | { readonly ok: false; readonly code: GrpcCode; readonly message: string };

export interface GrpcMethod {
  /** Names of messages. */
  readonly request: string;
  readonly response: string;
  answer(request: Tree): Promise<GrpcAnswer>;
}

export interface GrpcServer {
  /** Throws what the system says, such as EACCES. */
  listen(path: string): Promise<void>;
  close(): Promise<void>;
}

/** As Go's servers have it. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const PREFIX_BYTES = 5;
const CONTENT_TYPE = 'application/grpc';

/**
 * Methods by path: `/csi.v1.Identity/Probe`; calls that come before them wait. `onDefect` is told
 * of what methods throw.
 */
export function createGrpcServer(
  methods: Promise<ReadonlyMap<string, GrpcMethod>>,
  onDefect: (error: unknown) => void,
): GrpcServer {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    // Callers that hang up are no news: they come again.
    stream.on('error', () => {});
    serveCall(stream, headers, methods).catch((error: unknown) => {
      onDefect(error);
      refuse(stream, 'Internal', 'the driver has a defect');
    });
  });
  return {
    listen: (path) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, () => {
          server.off('error', reject);
          resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}

async function serveCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  methods: Promise<ReadonlyMap<string, GrpcMethod>>,
): Promise<void> {
  const path = headers[':path'] ?? '';
  if (!headers['content-type']?.startsWith(CONTENT_TYPE)) {
    stream.respond({ ':status': 415 }, { endStream: true });
    return;
  }
  const method = (await methods).get(path);
  if (method === undefined) {
    refuse(stream, 'Unimplemented', `the simulated driver has no ${path}`);
    return;
  }
  const bytes = await readMessage(stream);
  if (typeof bytes === 'string') {
    refuse(stream, 'Internal', bytes);
    return;
  }
  const request = decoded(method.request, bytes);
  if (request === undefined) {
    refuse(stream, 'Internal', `the request of ${path} is no ${method.request}`);
    return;
  }
  const answer = await method.answer(request);
  if (answer.ok) respond(stream, encodeMessage(method.response, answer.value));
  else refuse(stream, answer.code, answer.message);
}

function decoded(message: string, bytes: Buffer): Tree | undefined {
  try {
    return decodeMessage(message, bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The one message of the call, or why there is none. */
async function readMessage(stream: ServerHttp2Stream): Promise<Buffer | string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MESSAGE_BYTES_MAX + PREFIX_BYTES) return 'the request is too large';
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length < PREFIX_BYTES) return 'the request has no message';
  if (bytes.readUInt8(0) !== 0) return 'the request is compressed, which this driver cannot read';
  if (bytes.readUInt32BE(1) !== bytes.length - PREFIX_BYTES) {
    return 'the request is not one message';
  }
  return bytes.subarray(PREFIX_BYTES);
}

function respond(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}

/** An answer of headers alone. */
function refuse(stream: ServerHttp2Stream, code: GrpcCode, message: string): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  const headers = {
    ':status': 200,
    'content-type': CONTENT_TYPE,
    'grpc-status': String(CODES[code]),
    'grpc-message': encodeURIComponent(message),
  };
  stream.respond(headers, { endStream: true });
}
