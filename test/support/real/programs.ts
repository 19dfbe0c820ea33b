/** Programs of others that are started, watched and ended, each with a log of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SECOND } from '../../../src/core/duration.ts';
import { systemClock } from '../../../src/core/system-clock.ts';

export interface Program {
  readonly name: string;
  readonly log: string;
  /** Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const clock = systemClock();

export type Environment = Readonly<Record<string, string>>;

/** One that ended by itself is started again then, as a kubelet would. */
const AGAIN_US = SECOND;

/** `env` is added to our own environment. */
export function startProgram(
  name: string,
  path: string,
  args: readonly string[],
  { folder, env }: { readonly folder: string; readonly env?: Environment | undefined },
): Program {
  const log = join(folder, `${name}.log`);
  const out = openSync(log, 'a');
  const state = { isWanted: true };
  let child: ChildProcess;
  let ended: Promise<void>;
  const begin = () => {
    child = spawn(path, args, {
      cwd: folder,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...env },
    });
    ended = new Promise((resolve) => {
      const over = () => {
        if (state.isWanted) clock.schedule(AGAIN_US, () => state.isWanted && begin());
        resolve();
      };
      child.once('close', over);
      child.once('error', () => resolve());
    });
  };
  begin();
  return {
    name,
    log,
    async stop(signal = 'SIGTERM') {
      state.isWanted = false;
      end(child, signal);
      const cancel = clock.schedule(10e6, () => end(child, 'SIGKILL'));
      await ended;
      cancel();
    },
  };
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Asks every half second; throws with what it waits for, and the end of the log, after a minute. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { log, seconds = 120 }: { readonly log?: string; readonly seconds?: number } = {},
): Promise<void> {
  for (let tries = 0; tries < 2 * seconds; tries++) {
    if (await holds().catch(() => false)) return;
    await clock.sleep(500_000);
  }
  const tail = log === undefined ? '' : readFileSync(log, 'utf8').slice(-3000);
  throw new Error(`never: ${what}\n${tail}`);
}
