/** The command line run in-process against the toy cluster: what it prints, and its exit code. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench } from '../../src/cli/bench.ts';
import type { ExitCode } from '../../src/core/exit-code.ts';
import { type Host, lastWords, type Output } from '../../src/run/host.ts';
import type { OpenTarget } from '../../src/run/setting.ts';
import { createRng } from '../../src/core/rng.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';

export interface CliResult {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly toy?: ToyCluster;
  readonly interrupt?: AbortSignal;
  readonly tty?: boolean;
  /** Of the terminal; 100 where undefined. */
  readonly columns?: number;
  /** What a person answers; nobody is there where undefined. */
  readonly answer?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How a cluster is opened; the toy where undefined. */
  readonly openTarget?: OpenTarget;
  /** Told each line on stderr. */
  readonly onErr?: (text: string) => void;
  /** Told what is printed on stdout. */
  readonly onOut?: (text: string) => void;
}

/** Runs write no page and no pictures unless `--report` asks for them: they take a second. */
export async function cli(asked: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const writesPage = /^(run |calibrate |study (?!point|manifests))/.test(
    asked.slice(0, 2).join(' '),
  );
  const isTold = asked.includes('--report') || asked.includes('--no-report');
  const argv = writesPage && !isTold ? [...asked, '--no-report'] : asked;
  const out: string[] = [];
  const err: string[] = [];
  const output = (texts: string[]): Output => ({
    isTty: options.tty ?? false,
    columns: options.columns ?? 100,
    write(text) {
      texts.push(text);
      if (texts === err) options.onErr?.(text);
      else options.onOut?.(text);
    },
  });
  const host: Host = {
    argv,
    env: options.env ?? {},
    version: '0.0.0-test',
    out: output(out),
    err: output(err),
    // Nobody moves its time: whoever looks now and then does so at once.
    clock: { ...createKernel(), sleep: async () => {} },
    interrupt: options.interrupt ?? new AbortController().signal,
    ask: async () => options.answer,
    launch: async (argv) => {
      const { code, err: said } = await cli(argv, options);
      return { code, lastWords: lastWords(said) };
    },
    facts: () => ({ bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 }),
    rssMaxBytes: () => 1,
  };
  const open = options.openTarget ?? openToy(options.toy ?? toyCluster());
  const code = await bench(host, open);
  return { code, out: out.join(''), err: err.join('') };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-'));
}

function openToy({ kernel, transport }: ToyCluster): OpenTarget {
  return async (_scenario, { seed }) => ({
    description: 'toy cluster',
    kind: 'simulated',
    seed,
    open: () => ({
      target: 'simulated',
      seed,
      clock: kernel,
      rng: createRng(seed),
      transport,
      during: (main, describeWaits) => kernel.run(main, describeWaits),
    }),
  });
}
