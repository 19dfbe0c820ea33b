/** A server that listens on loopback, at a pace, and a plain client for it. */

import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { systemClock } from '../../../../src/core/system-clock.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { createFaults } from '../../../../src/sim/apiserver/faults/faults.ts';
import type { FaultPlan } from '../../../../src/sim/apiserver/faults/plan.ts';
import {
  type Credentials,
  createCredentials,
} from '../../../../src/sim/apiserver/https/credentials.ts';
import { type HttpsFace, serveHttps } from '../../../../src/sim/apiserver/https/serve.ts';
import { type ApiServer, createApiServer } from '../../../../src/sim/apiserver/server/server.ts';
import { createPacedKernel, type PacedKernel } from '../../../../src/sim/kernel/paced-clock.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: unknown;
}

interface Ask {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** With which credentials; the certificate where absent. */
  readonly as?: 'certificate' | 'token' | 'nobody';
}

export interface HttpsLab {
  readonly endpoint: HttpsFace;
  readonly server: ApiServer;
  readonly kernel: PacedKernel;
  readonly credentials: Credentials;
  ask(path: string, options?: Ask): Promise<Reply>;
  /** Waits until the condition holds; fails where it does not within a minute. */
  until(condition: () => boolean): Promise<void>;
  /** Lines of a watch as they come; ends when the server ends it or after `stop`. */
  watch(path: string): { readonly lines: string[]; readonly ended: Promise<void>; stop(): void };
}

export interface LabOptions {
  readonly speed?: number;
  readonly plain?: boolean;
  readonly faults?: FaultPlan;
  readonly stallMs?: number;
}

let shared: Credentials | undefined;

/** Runs `use` against a listening server, and ends it. */
export async function withHttps(
  use: (lab: HttpsLab) => Promise<void>,
  options: LabOptions = {},
): Promise<void> {
  const wall = systemClock();
  const speed = options.speed ?? 60;
  const kernel = createPacedKernel({ speed, wall });
  const rng = createRng(1);
  const server = createApiServer({ clock: kernel, rng });
  shared ??= createCredentials(['127.0.0.1', 'localhost'], wall.wallUs());
  const credentials = shared;
  const plan = options.faults;
  await kernel.run(async () => {
    const endpoint = await serveHttps({
      server,
      clock: kernel,
      speed,
      roundTripUs: 12_000,
      watchDelayUs: 50_000,
      host: '127.0.0.1',
      port: 0,
      ...(options.plain ? {} : { credentials }),
      ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
      ...(plan ? { faults: createFaults({ clock: kernel, rng, plan, server }) } : {}),
    });
    const open = opener(endpoint, credentials);
    try {
      await use({
        endpoint,
        server,
        kernel,
        credentials,
        ask: (path, request = {}) => ask(open, path, request),
        watch: (path) => watch(open, path),
        until: (condition) => until(kernel, speed, condition),
      });
    } finally {
      await endpoint.close();
    }
  });
}

async function until(kernel: PacedKernel, speed: number, condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries === 6000) throw new Error('it never came true');
    await kernel.sleep(10_000 * speed);
  }
}

type Open = (path: string, ask: Ask) => ReturnType<typeof tlsRequest>;

function opener(endpoint: HttpsFace, credentials: Credentials): Open {
  return (path, { method = 'GET', headers = {}, as = 'certificate' }) => {
    const authorization = as === 'token' ? { authorization: `Bearer ${credentials.token}` } : {};
    const target = { method, headers: { ...authorization, ...headers }, agent: false as const };
    if (endpoint.url.startsWith('http:')) return plainRequest(`${endpoint.url}${path}`, target);
    const { certificate, key } = credentials.client;
    return tlsRequest(`${endpoint.url}${path}`, {
      ...target,
      ca: credentials.authority,
      ...(as === 'certificate' ? { cert: certificate, key } : {}),
    });
  };
}

function ask(open: Open, path: string, options: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = open(path, options);
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, bytes, body: parsed(bytes) });
      });
    });
    sent.end(options.body);
  });
}

function watch(open: Open, path: string): ReturnType<HttpsLab['watch']> {
  const lines: string[] = [];
  const sent = open(path, {});
  const ended = new Promise<void>((resolve) => {
    sent.on('error', () => resolve());
    sent.on('response', (response) => {
      let rest = '';
      response.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
      });
      response.on('close', () => resolve());
      response.on('error', () => resolve());
    });
  });
  sent.end();
  return { lines, ended, stop: () => sent.destroy() };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
