/** Calls of gRPC from their bytes on, with nothing of the driver's own reading and writing. */

import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { createConnection } from 'node:net';

export interface GrpcReply {
  readonly status: number;
  readonly message: string;
  /** Of the answer; empty where there is none. */
  readonly hex: string;
}

export interface GrpcClient {
  /** The request in hexadecimal. */
  call(path: string, hex?: string): Promise<GrpcReply>;
  close(): void;
}

export function grpcClient(socket: string): GrpcClient {
  const session = connect('http://localhost', { createConnection: () => createConnection(socket) });
  return {
    call: (path, hex = '') => callOnce(session, path, frame(Buffer.from(hex, 'hex'))),
    close: () => session.close(),
  };
}

function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

export function callOnce(
  session: ClientHttp2Session,
  path: string,
  body: Buffer,
): Promise<GrpcReply> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let ends: IncomingHttpHeaders = {};
    const note = (headers: IncomingHttpHeaders) => {
      if (headers['grpc-status'] !== undefined) ends = headers;
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () =>
      resolve({
        status: Number(ends['grpc-status']),
        message: decodeURIComponent(ends['grpc-message']?.toString() ?? ''),
        hex: Buffer.concat(chunks).subarray(5).toString('hex'),
      }),
    );
    stream.end(body);
  });
}
