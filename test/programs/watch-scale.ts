/**
 * What watching costs and how true its times are: 100,000 objects and 2,000 events a second over
 * TLS. Three processes: a server that notes when it sends, the watching side of a run, and this
 * one, which compares what the one noted with the history of the other.
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/core/system-clock.ts';
import type { Entry } from '../../src/record/entry.ts';
import { readManifest } from '../../src/record/manifest.ts';
import { readEntries } from '../../src/record/reader.ts';
import { type CostLine, startServer } from './cluster-cost.ts';
import type { CrowdOrder, FromCrowd, SentEvents, ToCrowd } from './crowd-server.ts';
import type { ToWatcherProcess, WatcherOrder, WatcherReading } from './crowd-watcher.ts';

export interface WatchLoad {
  readonly objects: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export const FULL_LOAD: WatchLoad = { objects: 100_000, perSecond: 2000, seconds: 30 };

/** Takes about a minute and a half. */
export async function measureWatchScale(load = FULL_LOAD): Promise<readonly CostLine[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-perf-'));
  const server = child('crowd-server.js', { folder, objects: load.objects } satisfies CrowdOrder);
  try {
    return splitLines(load, await watched(server, load, folder));
  } finally {
    if (server.connected) server.disconnect();
    rmSync(folder, { recursive: true });
  }
}

/** Connections and requests of a small real run, for each VM. */
export async function measureRunTraffic(root: string): Promise<readonly CostLine[]> {
  const vms = 200;
  const main = join(root, 'dist/main.js');
  const scenario = join(root, 'scenarios/boot-rhel9.yaml');
  const server = await startServer(main, ['--scenario', scenario, '--speed', '60']);
  const results = mkdtempSync(join(tmpdir(), 'bench-perf-'));
  const settings = ['--set', `steps.0.deploy.count=${vms}`, '--run-id', 'traffic'];
  const options = ['--yes', '--no-report', '--progress', 'none', '--results', results];
  const argv = [main, 'run', scenario, '--kubeconfig', server.kubeconfig, ...settings, ...options];
  const run = spawnSync(process.execPath, argv);
  await server.stop();
  const manifest = readManifest(join(results, 'boot-rhel9/traffic/manifest.json'));
  rmSync(results, { recursive: true });
  const traffic = manifest?.finished?.traffic;
  if (traffic === undefined) throw new Error(`exit ${run.status}: ${run.stderr.toString()}`);
  const requests = traffic.requests + traffic.watchRequests;
  const connections = traffic.connections + traffic.watchConnections;
  return [
    line(`requests a VM, a run of ${vms}`, (requests / vms).toFixed(2)),
    line('connections of that run', `${connections}`),
  ];
}

interface Watched {
  readonly errorsMs: readonly number[];
  /** Signs that were sent and are not in the history. */
  readonly missing: number;
  readonly events: number;
  readonly megabytes: number;
  readonly wallSeconds: number;
  readonly listSeconds: number;
  readonly listed: WatcherReading;
  readonly begun: WatcherReading;
  readonly ended: WatcherReading;
  readonly load: number;
}

async function watched(
  server: ChildProcess,
  { perSecond, seconds }: WatchLoad,
  folder: string,
): Promise<Watched> {
  const listening = (await told(server)) as FromCrowd & { is: 'listening' };
  const history = join(folder, 'history.ndjson');
  const clock = systemClock();
  const { kubeconfig } = listening;
  const watcher = child('crowd-watcher.js', { kubeconfig, history } satisfies WatcherOrder);
  const listed = await reading(watcher);
  const listSeconds = clock.nowUs() / 1e6;
  // What the lists left behind is theirs, not the stream's.
  await clock.sleep(3e6);
  const begun = await reading(watcher, 'read');
  const startUs = clock.nowUs();
  server.send({ perSecond, seconds } satisfies ToCrowd);
  const done = (await told(server)) as FromCrowd & { is: 'done' };
  const wallSeconds = (clock.nowUs() - startUs) / 1e6;
  await clock.sleep(5e5);
  const ended = await reading(watcher, 'finish');
  await new Promise((resolve) => watcher.once('close', resolve));
  const sent = JSON.parse(readFileSync(done.sent, 'utf8')) as SentEvents;
  const errorsMs = stampErrorsMs(sent, seenNs(history, BigInt(ended.originNs)));
  return {
    errorsMs,
    missing: sent.length - errorsMs.length,
    events: done.events,
    megabytes: done.bytes / 1e6,
    wallSeconds,
    listSeconds,
    listed,
    begun,
    ended,
    load: loadavg()[0] ?? 0,
  };
}

/** When the history says that each sign was seen: nanoseconds, monotonic. */
function seenNs(history: string, originNs: bigint): ReadonlyMap<string, bigint> {
  const uids: string[] = [];
  const seen = new Map<string, bigint>();
  const note = (sign: string, t: number) => seen.set(sign, originNs + BigInt(t) * 1000n);
  const take = (entry: Entry) => {
    if (entry.e === 'obj') {
      uids[entry.o] = entry.u;
      note(`${entry.u} ADDED`, entry.t);
    }
    if (entry.e === 'del') note(`${uids[entry.o]} DELETED`, entry.t);
    if (entry.e !== 'tr') return;
    for (const [name, value] of entry.c) note(`${uids[entry.o]} ${name}=${value}`, entry.t);
  };
  for (const entry of readEntries(history, () => {})) take(entry);
  return seen;
}

/** Seen minus sent, of all that was seen; ascending. */
function stampErrorsMs(sent: SentEvents, seen: ReadonlyMap<string, bigint>): readonly number[] {
  return sent
    .flatMap(([sign, sentNs]) => {
      const atNs = seen.get(sign);
      return atNs === undefined ? [] : [Number(atNs - BigInt(sentNs)) / 1e6];
    })
    .sort((a, b) => a - b);
}

function splitLines({ objects }: WatchLoad, watched: Watched): readonly CostLine[] {
  const { errorsMs, missing, events, wallSeconds, listed, begun, ended } = watched;
  const part = (q: number) => errorsMs[Math.ceil(q * errorsMs.length) - 1] ?? Number.NaN;
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const cpuUs = (thread: keyof WatcherReading['cpuMs']) =>
    `${Math.round(((ended.cpuMs[thread] - begun.cpuMs[thread]) * 1000) / events)} us`;
  const waited = (ended.waitedMs - begun.waitedMs) / 1000;
  return [
    line(`listing ${count(objects)} objects`, `${watched.listSeconds.toFixed(1)} s`),
    line('events received', `${count(events / wallSeconds)}/s`, '2,000/s'),
    line('bytes of events', `${(watched.megabytes / wallSeconds).toFixed(1)} MB/s`),
    line(
      'changes sent, and not in the history',
      `${missing} of ${count(errorsMs.length + missing)}`,
    ),
    line('stamp error, p50', ms(part(0.5))),
    line('stamp error, p99', ms(part(0.99)), '< 5 ms'),
    line('stamp error, max', ms(part(1))),
    line('CPU an event, watching thread', cpuUs('watch')),
    line('CPU an event, main thread', cpuUs('main')),
    line('CPU an event, garbage collection and I/O threads', cpuUs('rest')),
    line('memory when all is listed', megabytes(listed.rssBytes)),
    line('memory after the events', megabytes(ended.rssBytes)),
    line('connections opened to watch', `${ended.connections}`),
    line(
      'load of the machine; the thread waited',
      `${watched.load.toFixed(1)}; ${waited.toFixed(1)} s`,
    ),
  ];
}

function child(file: string, order: object): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return fork(path, [JSON.stringify(order)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function reading(watcher: ChildProcess, wish?: ToWatcherProcess): Promise<WatcherReading> {
  const answer = told(watcher);
  if (wish !== undefined) watcher.send(wish);
  return (await answer) as WatcherReading;
}

/** The next message of a child; rejects where it ends without one. */
function told(process: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a child ended with exit ${code}`));
    process.once('close', ended);
    process.once('message', (message) => {
      process.off('close', ended);
      resolve(message);
    });
  });
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return `${count(bytes / 1e6)} MB`;
}

function line(what: string, figure: string, target = ''): CostLine {
  return { what, figure, target };
}
