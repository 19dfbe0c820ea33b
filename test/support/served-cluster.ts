/** `bench cluster` run within the test's process, on the wall clock and a free port of loopback. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench } from '../../src/cli/bench.ts';
import type { ExitCode } from '../../src/core/exit-code.ts';
import type { Host } from '../../src/run/host.ts';
import { openTarget } from '../../src/cli/target.ts';
import { systemClock } from '../../src/core/system-clock.ts';

export interface ServedProcess {
  readonly kubeconfig: string;
  /** What was printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Ctrl-C, or another signal; resolves with the exit code. */
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<ExitCode>;
  readonly exit: Promise<ExitCode>;
}

/** Any command that runs until it is interrupted; `argv` as on the command line. */
export function startBench(argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const waiting: { readonly text: RegExp; readonly resolve: () => void }[] = [];
  const interrupt = new AbortController();
  const output = (texts: string[]) => ({
    isTty: false,
    columns: 100,
    write(text: string) {
      texts.push(text);
      for (const each of waiting)
        if (each.text.test(`${out.join('')}${err.join('')}`)) each.resolve();
    },
  });
  const host: Host = {
    argv,
    env: {},
    version: '0.0.0-test',
    out: output(out),
    err: output(err),
    clock: systemClock(),
    interrupt: interrupt.signal,
    ask: async () => undefined,
    launch: async () => ({ code: 1, lastWords: 'no processes here' }),
    facts: () => ({ bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 }),
    rssMaxBytes: () => 1,
  };
  const exit = bench(host, openTarget);
  return {
    out: () => out.join(''),
    err: () => err.join(''),
    exit,
    stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT') {
      interrupt.abort(signal);
      return exit;
    },
    /** Resolves once the text has been printed; rejects where the command ends without. */
    printed: (text: RegExp) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ text, resolve });
        if (text.test(`${out.join('')}${err.join('')}`)) resolve();
        void exit.then((code) => reject(new Error(`exit ${code}: ${err.join('')}`)), reject);
      }),
  };
}

/** Resolves when it serves. */
export async function startCluster(options: readonly string[] = []): Promise<ServedProcess> {
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'bench-')), 'kubeconfig');
  const started = startBench(['cluster', '--write-kubeconfig', kubeconfig, ...options]);
  await started.printed(/kubectl get nodes/);
  return { ...started, kubeconfig };
}
