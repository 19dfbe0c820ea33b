/** A run against a cluster behind a hostile proxy: what no user should see of it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { systemClock } from '../../../src/core/system-clock.ts';
import { type RunningBench, startBench } from '../built-bench.ts';
import { startCluster } from '../served-cluster.ts';
import { ROOT } from '../sources.ts';
import { HOSTILE_ANSWERS, SILENT_ANSWERS } from './hostile-answers.ts';
import { startHostileProxy } from './hostile-proxy.ts';

/** From the first request on, or once the run has made something. */
export const WHEN = ['at once', 'in mid-run'] as const;

export interface ProxyMode {
  readonly name: string;
  readonly when: (typeof WHEN)[number];
}

export const PROXY_MODES: readonly ProxyMode[] = WHEN.flatMap((when) =>
  Object.keys(HOSTILE_ANSWERS).map((name) => ({ name, when })),
);

/** A command that goes on for longer is told to end, which takes it no longer than this. */
const PATIENCE_US = 60_000_000;
const ENDING_US = 10_000_000;

/** Who waits for a server is told so within this time. */
const HEARD_MS = 30_000;

/** More requests a second than this are no backing off. */
const RATE_MAX = 100;

/** Slow enough that a busy machine keeps up: a served cluster that lags answers late. */
const SPEED = '20';
const LOST_AFTER = ['--lost-after', '10s', '--cleanup-timeout', '1m'];

const clock = systemClock();

/** What went wrong; nothing where all was well. */
export async function attackByProxy({ name, when }: ProxyMode): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-attack-'));
  const served = await startCluster(['--insecure-http', '--port', '0', '--speed', SPEED]);
  const text = readFileSync(served.kubeconfig, 'utf8');
  const { server } = (parse(text) as Kubeconfig).clusters[0].cluster;
  let made = 0;
  const proxy = await startHostileProxy(
    server,
    HOSTILE_ANSWERS[name] ?? (() => undefined),
    ({ method, url = '' }) => {
      const isMaking = method === 'POST' && !url.includes('dryRun') && url.includes('datavolumes');
      return when === 'at once' || (isMaking && ++made > 1);
    },
  );
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, text.replaceAll(server, proxy.url));
    const tiny = join(ROOT, 'test/support/tiny.yaml');
    const argv = ['run', tiny, '--kubeconfig', kubeconfig, '--yes', '--no-report', ...LOST_AFTER];
    const running = startBench(argv, folder);
    let heardMs = Number.POSITIVE_INFINITY;
    const hear = () => (heardMs = performance.now());
    void running.told('answer').then(hear, () => {});
    await begun(proxy.hostile, running.done);
    const faults = await endingFaults(running);
    const { code, out, err } = await running.done;
    const { count, sinceMs } = proxy.hostile;
    const isSilent = SILENT_ANSWERS.has(name) && performance.now() - sinceMs > HEARD_MS;
    const rate = count / Math.max(5, (performance.now() - sinceMs) / 1000);
    return [
      ...faults,
      ...textFaults(`${out}\n${err}`),
      ...(isSilent && heardMs - sinceMs > HEARD_MS ? ['nobody heard of the silence'] : []),
      ...(code === 64 && made > 1 ? ['exit 64 after objects were made'] : []),
      ...(code !== 0 && err.trim() === '' ? [`exit ${code} without a word`] : []),
      ...(count === 0 ? [`was never attacked: exit ${code}, ${err.slice(-300)}`] : []),
      ...(code === null ? ['no exit code'] : []),
      ...(rate > RATE_MAX ? [`${rate.toFixed(0)} requests a second`] : []),
    ];
  } finally {
    await proxy.close();
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
}

/** Resolves when the proxy is hostile, however long a busy machine takes to get there. */
async function begun(hostile: { readonly sinceMs: number }, done: Promise<unknown>): Promise<void> {
  while (Number.isNaN(hostile.sinceMs) && !(await within(done, 100_000)));
}

/** Of a command that goes on, and of one that does not even end when it is told to. */
async function endingFaults({ process, done, err }: RunningBench): Promise<readonly string[]> {
  if (await within(done, PATIENCE_US)) return [];
  process.kill('SIGTERM');
  if (await within(done, ENDING_US)) return [];
  // A second signal ends it at once.
  process.kill('SIGTERM');
  if (await within(done, ENDING_US / 5))
    return [`one SIGTERM does not end it: ${err().slice(-300)}`];
  process.kill('SIGKILL');
  return [`SIGTERM does not end it: ${err().slice(-300)}`];
}

async function within(done: Promise<unknown>, us: number): Promise<boolean> {
  const late = new AbortController();
  const slept = clock.sleep(us, { signal: late.signal }).then(() => false);
  const ended = await Promise.race([done.then(() => true), slept]);
  late.abort();
  return ended;
}

/** Stacks, and what only we should ever read. */
export function textFaults(text: string): readonly string[] {
  if (/Unknown (argument|command)|Not enough non-option/.test(text))
    return [`is no command: ${text.slice(0, 200)}`];
  const stack = /\n\s+at .*:\d+:\d+/.exec(text)?.[0];
  const defect =
    /defect in run|broken invariant|TypeError|RangeError|Unhandled|\bundefined\b|\[object Object\]/;
  const word = defect.exec(text);
  if (stack === undefined && word === null) return [];
  const at = word?.index ?? text.indexOf(stack ?? '');
  return [`${(stack ?? word?.[0] ?? '').trim()}: ${text.slice(Math.max(0, at - 100), at + 200)}`];
}
