/**
 * What serving the simulated cluster costs: requests, watch deliveries and memory, how long a list
 * of 100,000 objects holds up everyone else, and how far paced time falls behind in a wave.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CONFIG_MAPS } from '../../src/api/resources.ts';
import { createRng } from '../../src/core/rng.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { type KubeClient, createClient } from '../../src/kube/client.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { serveHttps } from '../../src/sim/apiserver/https/serve.ts';
import { type ApiServer, createApiServer } from '../../src/sim/apiserver/server/server.ts';

export interface CostLine {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
}

/** `root`: the project, compiled. Takes about a minute. */
export async function measureClusterCost(root: string): Promise<readonly CostLine[]> {
  const main = join(root, 'dist/main.js');
  const scenario = join(root, 'scenarios/boot-rhel9.yaml');
  return [
    ...(await measureTraffic(main)),
    ...measureMemory(),
    ...(await measureLongLists()),
    ...(await measureLag(main, scenario)),
  ];
}

const REQUESTS = 6000;
const WATCHERS = 40;
const IN_FLIGHT = 32;

/** A server in a process of its own; the client's share of the work is part of the figures. */
async function measureTraffic(main: string): Promise<readonly CostLine[]> {
  const server = await startServer(main, ['--no-simulate', '--set', 'simulation.api.roundTrip=0s']);
  const { client, close } = await connect(server.kubeconfig);
  const writes = await perSecond(REQUESTS, (i) => create(client, `alone-${i}`));
  const reads = await perSecond(REQUESTS, (i) =>
    client.get(CONFIG_MAPS, { namespace: 'default', name: `alone-${i}` }),
  );
  let delivered = 0;
  const stops = Array.from({ length: WATCHERS }, () =>
    client.watch(
      CONFIG_MAPS,
      { resourceVersion: '' },
      { opened: () => {}, event: () => (delivered += 1), ended: () => {} },
    ),
  );
  await until(() => delivered >= WATCHERS * REQUESTS);
  delivered = 0;
  const watched = 1000;
  const beganUs = clock.nowUs();
  await perSecond(watched, (i) => create(client, `watched-${i}`));
  await until(() => delivered >= WATCHERS * watched);
  const deliveries = (delivered / (clock.nowUs() - beganUs)) * 1e6;
  for (const stop of stops) stop();
  close();
  await server.stop();
  return [
    line('creations over HTTPS', `${round(writes)}/s`),
    line('reads over HTTPS', `${round(reads)}/s`),
    line(`deliveries to ${WATCHERS} watchers`, `${round(deliveries)}/s`),
  ];
}

function measureMemory(): readonly CostLine[] {
  const objects = 20_000;
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const server = filledServer(objects);
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / objects;
  return server.version > 0 ? [line('memory of an object of 1 kB', `${round(bytes)} B`)] : [];
}

/** Of a list of 100,000 objects: the longest time that nobody else is served. */
async function measureLongLists(): Promise<readonly CostLine[]> {
  const endpoint = await serveHttps({
    server: filledServer(100_000),
    clock,
    speed: 1,
    roundTripUs: 0,
    watchDelayUs: 0,
    host: '127.0.0.1',
    port: 0,
  });
  const path = `${endpoint.url}/api/v1/configmaps`;
  const paged = await blockedBy(async () => {
    let token: string | undefined;
    do {
      const more = token === undefined ? '' : `&continue=${encodeURIComponent(token)}`;
      token = await readHead(`${path}?limit=500${more}`);
    } while (token !== undefined);
  });
  const whole = await blockedBy(() => readHead(path));
  await endpoint.close();
  return [
    line('list of 100,000 in pages: longest block', `${paged.toFixed(0)} ms`, '<= 50 ms'),
    line('the same in one answer: longest block', `${whole.toFixed(0)} ms`, ''),
  ];
}

async function measureLag(main: string, scenario: string): Promise<readonly CostLine[]> {
  const server = await startServer(main, ['--scenario', scenario, '--speed', '60']);
  const options = ['--kubeconfig', server.kubeconfig, '--yes', '--no-report', '--progress', 'none'];
  const results = ['--results', mkdtempSync(join(tmpdir(), 'bench-perf-'))];
  const few = ['--set', 'steps.0.deploy.count=200'];
  const child = spawn(process.execPath, [main, 'run', scenario, ...few, ...results, ...options]);
  await new Promise((resolve) => child.on('close', resolve));
  const { client, close } = await connect(server.kubeconfig);
  const { body } = await client.raw({ method: 'GET', path: '/bench/pace' });
  const { worstLagSeconds } = body as { readonly worstLagSeconds: number };
  close();
  await server.stop();
  return [
    line('worst lag at --speed 60, waves of 100', `${worstLagSeconds.toFixed(1)} s simulated`),
  ];
}

const clock = systemClock();

function filledServer(objects: number): ApiServer {
  const server = createApiServer({ clock, rng: createRng(1), historyLength: 0 });
  for (let i = 0; i < objects; i++) server.seed(configMap(`object-${i}`));
  return server;
}

function configMap(name: string) {
  const metadata = { name, namespace: 'default', labels: { app: 'cost', name } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: `${name} `.repeat(60) } };
}

function create(client: KubeClient, name: string): Promise<unknown> {
  return client.create(CONFIG_MAPS, configMap(name));
}

async function perSecond(count: number, act: (i: number) => Promise<unknown>): Promise<number> {
  const beganUs = clock.nowUs();
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await act(i);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (count / (clock.nowUs() - beganUs)) * 1e6;
}

/** Longest delay of the event loop meanwhile, in milliseconds. */
async function blockedBy(task: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await task();
  delay.disable();
  return delay.max / 1e6;
}

/** Reads all of an answer and looks at its beginning only: the continue token. */
function readHead(url: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let head = '';
      response.on('data', (chunk: Buffer) => {
        if (head.length < 1000) head += chunk.toString();
      });
      response.on('end', () => resolve(/"continue":"([^"]+)"/.exec(head.slice(0, 1000))?.[1]));
    }).on('error', reject);
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await clock.sleep(5000);
}

interface ServerProcess {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

export async function startServer(
  main: string,
  options: readonly string[],
): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-perf-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const argv = [main, 'cluster', '--write-kubeconfig', kubeconfig, ...options];
  const child: ChildProcess = spawn(process.execPath, argv, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  return {
    kubeconfig,
    stop: () =>
      new Promise((resolve) => {
        child.on('close', () => {
          rmSync(folder, { recursive: true });
          resolve();
        });
        child.kill('SIGINT');
      }),
  };
}

async function connect(kubeconfig: string) {
  const connection = await loadConnection({ kubeconfig });
  const transport = await createHttpsTransport({ connection, clock, userAgent: 'cluster-cost' });
  return { client: createClient(transport), close: () => transport.close() };
}

function line(what: string, figure: string, target = ''): CostLine {
  return { what, figure, target };
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
