/**
 * Programs that a scenario names, run on this machine: without a shell, in a process group of their
 * own, so that whatever they start can be ended with them. A program that is told to end gets some
 * seconds for it, since it may be in the middle of something.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { kill } from 'node:process';
import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { plainText } from '../core/plain-text.ts';
import type { ExternalEnd } from '../drive/external.ts';
import type { ExternalRunner } from '../drive/lab.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Of each stream the end is kept. */
const SAID_MOST = 2000;

/** From SIGTERM to SIGKILL. */
const GRACE_US = 5 * SECOND;

export function externalRunner(clock: Clock): ExternalRunner {
  return ([program = '', ...args], { signal, timeoutUs }) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve({ exitCode: undefined, said: '' });
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      const out = keepEnd(child.stdout);
      const err = keepEnd(child.stderr);
      let killed: string | undefined;
      let callOff = () => {};
      const end = (why: string) => {
        if (killed !== undefined) return;
        killed = why;
        endGroup(child, 'SIGTERM');
        callOff = clock.schedule(GRACE_US, () => endGroup(child, 'SIGKILL'), BACKGROUND);
      };
      const onStop = () => end('killed, since the run ends');
      const cancel = clock.schedule(Math.max(0, timeoutUs), () => end('killed after its time-out'));
      signal.addEventListener('abort', onStop, { once: true });
      const settle = (result: ExternalEnd) => {
        cancel();
        callOff();
        signal.removeEventListener('abort', onStop);
        resolve(result);
      };
      child.on('error', (error: NodeJS.ErrnoException) => {
        settle({ exitCode: undefined, said: `cannot be run (${error.code})` });
      });
      child.on('close', (code, by) => {
        const said = plainText(err() || out());
        const how = killed ?? (by === null ? undefined : `ended by ${by}`);
        const words = [how, said].filter(Boolean).join(': ');
        settle({ exitCode: killed === undefined ? (code ?? undefined) : undefined, said: words });
      });
    });
}

const BACKGROUND = { kind: 'background' } as const;

function endGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (pid !== undefined) kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function keepEnd(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-SAID_MOST);
  });
  return () => text;
}

/** The programs that a scenario has run, as it names them, each once. */
export function externalPrograms({ steps }: Pick<Scenario, 'steps'>): readonly string[] {
  const actions = steps.flatMap((step) => (step.kind === 'act' ? [step.action, step.undo] : []));
  const programs = actions.flatMap((action) =>
    action?.do === 'external' ? (action.command[0] ?? []) : [],
  );
  return [...new Set(programs)];
}

/** Before anything is made: whoever starts a run has to know that it runs programs. */
export function checkExternal(
  scenario: Pick<Scenario, 'steps'>,
  { allowExec, isEmbedded }: { readonly allowExec: boolean; readonly isEmbedded: boolean },
): void {
  const programs = externalPrograms(scenario);
  if (programs.length === 0) return;
  const what = `this scenario runs ${programs.join(', ')} on this machine`;
  if (isEmbedded) {
    throw new UsageError(
      `${what}, which cannot reach the embedded cluster: act on its BareMetalHosts ` +
        '(scenarios/node-failure.yaml), or name a cluster with --context',
    );
  }
  if (!allowExec) throw new UsageError(`${what}: allow that with --allow-exec`);
}
