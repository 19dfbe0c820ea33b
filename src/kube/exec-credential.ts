/**
 * Credentials of a program that the kubeconfig names (client.authentication.k8s.io). What it gives
 * is kept until it expires or is refused. What such a program prints is a secret even when it
 * fails, so none of it is ever shown.
 */

import { spawn } from 'node:child_process';
import { env } from 'node:process';
import type { Clock } from '../core/clock.ts';
import { MINUTE, SECOND } from '../core/duration.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { ConnectionError } from './connection.ts';
import type { ExecFields } from './kubeconfig-files.ts';

export interface ExecCredential {
  readonly token: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Unix microseconds; undefined where it does not say. */
  readonly expiresUs: number | undefined;
}

export interface ExecCredentials {
  /** Throws ConnectionError where the program fails. */
  get(): Promise<ExecCredential>;
  /** The server has refused them: the program is asked again next time. */
  forget(): void;
  /** Nobody waits for it any more: a program that is under way is ended. */
  close(): void;
}

/** Long enough for a person who logs in with a browser. */
const ANSWER_US = 2 * MINUTE;

/**
 * What is about to expire is not used any more; but what the program has just said, be it no or
 * that it has expired long ago, is its word for so long: it is not asked with each request.
 */
const MARGIN_US = 5 * SECOND;

const OUTPUT_BYTES_MAX = 1 << 20;

export function execCredentials(exec: ExecFields, clock: Clock): ExecCredentials {
  let known: Asked | undefined;
  const closing = new AbortController();
  const ask = () => {
    const output = run(exec, clock, closing.signal);
    const asked = { credential: output.then((text) => parse(exec, text)) };
    const answered = () => Object.assign(asked, { answeredUs: clock.wallUs() });
    asked.credential.then(answered, answered);
    known = asked;
    return asked;
  };
  const isGood = async ({ credential, answeredUs }: Asked) => {
    if (answeredUs === undefined || Math.abs(clock.wallUs() - answeredUs) < MARGIN_US) return true;
    // A failure is not kept for longer.
    const { expiresUs } = await credential.catch(() => FAILED);
    return expiresUs === undefined || expiresUs - MARGIN_US > clock.wallUs();
  };
  return {
    async get() {
      const before = known;
      if (before !== undefined && (await isGood(before))) return before.credential;
      // Whoever finds first that it has expired asks for all.
      const now = known === before || known === undefined ? ask() : known;
      return now.credential;
    },
    forget() {
      known = undefined;
    },
    close: () => closing.abort(),
  };
}

interface Asked {
  readonly credential: Promise<ExecCredential>;
  /** Unix microseconds; undefined until it is there. */
  readonly answeredUs?: number;
}

const FAILED = { expiresUs: Number.NEGATIVE_INFINITY };

function run(
  { command, args, env: own, apiVersion }: ExecFields,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const child = spawn(command, args, {
    env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info), ...own },
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (why: string) => {
      cancel();
      child.kill('SIGKILL');
      // What it has started itself may hold its output open, and us.
      child.stdout.destroy();
      reject(failed(command, why));
    };
    const cancel = clock.schedule(ANSWER_US, () => fail('gives no answer'), { kind: 'background' });
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_BYTES_MAX) fail('gives more than a credential');
      else chunks.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      fail(error.code === 'ENOENT' ? 'is not there' : `cannot be run (${error.code})`);
    });
    child.on('close', (code) => {
      cancel();
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else fail(`ended with code ${code}`);
    });
  });
}

function parse({ command }: ExecFields, output: string): ExecCredential {
  const status = statusIn(output);
  const text = (key: string) => {
    const value = status?.[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const token = text('token');
  const certificate = text('clientCertificateData');
  if (token === undefined && certificate === undefined) {
    throw failed(command, 'gave no ExecCredential with a token or certificate');
  }
  const expires = text('expirationTimestamp');
  return {
    token,
    certificate,
    key: text('clientKeyData'),
    expiresUs: expires === undefined ? undefined : parseRfc3339(expires),
  };
}

function statusIn(output: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const { status } = JSON.parse(output) as { readonly status?: unknown };
    return typeof status === 'object' && status !== null
      ? (status as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function failed(command: string, why: string): ConnectionError {
  return new ConnectionError(
    `no credentials for the cluster: the program ${command} ${why}`,
    'run it by hand to see why: what it prints is not shown here, since it may be secret',
  );
}
