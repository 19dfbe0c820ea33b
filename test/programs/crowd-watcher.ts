/**
 * A child of watch-scale.ts: the watching side of a run as it is on a real cluster, and nothing
 * else. A worker thread watches, this thread writes the history.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { monotonicNs, systemClock } from '../../src/core/system-clock.ts';
import { createHostedObserver } from '../../src/observe/hosted-observer.ts';
import { workerHost } from '../../src/observe/worker-host.ts';
import { HISTORY_SCHEMA } from '../../src/record/entry.ts';
import { openNotebook } from '../../src/record/notebook.ts';
import { openHistory } from '../../src/record/writer.ts';
import { CROWD_NAMESPACE, CROWD_SELECTOR } from '../support/crowd.ts';

export interface WatcherOrder {
  readonly kubeconfig: string;
  readonly history: string;
}

export type ToWatcherProcess = 'read' | 'finish';

export interface WatcherReading {
  /** Of the history's times: nanoseconds, monotonic. */
  readonly originNs: string;
  readonly rssBytes: number;
  /** Milliseconds since the process began: of the main thread, the watching one, all others. */
  readonly cpuMs: { readonly main: number; readonly watch: number; readonly rest: number };
  /** Milliseconds for which the watching thread could have run and no processor was free. */
  readonly waitedMs: number;
  readonly connections: number;
  readonly requests: number;
}

const order = JSON.parse(process.argv[2] ?? '') as WatcherOrder;
const clockOriginNs = monotonicNs();
const clock = systemClock(clockOriginNs);
const history = openHistory(order.history, { ahead: true });
history.write({
  e: 'header',
  schema: HISTORY_SCHEMA,
  run: 'crowd',
  scenario: 'crowd',
  target: 'cluster',
  seed: 1,
});
const notebook = openNotebook(history, clock);
const before = new Set(threads());
const observer = createHostedObserver({
  host: workerHost({
    choice: { kubeconfig: order.kubeconfig },
    userAgent: 'watch-scale',
    clockOriginNs,
    speed: 1,
  }),
  notebook,
  namespace: CROWD_NAMESPACE,
  scope: { namespace: undefined, labelSelector: CROWD_SELECTOR },
  seed: 1,
  onVerdict: () => {},
});
observer.start();
process.on('message', (wish: ToWatcherProcess) => void (wish === 'read' ? read() : finish()));
process.on('disconnect', () => process.exit());
await observer.synced;
await read();

async function read(): Promise<void> {
  await observer.drain();
  const { connections = 0, requests = 0 } = observer.cost() ?? {};
  const busy = threads().map((id) => ({ id, ...readTimes(id) }));
  const watch = busy.find(({ id }) => id === watcher())?.ranMs ?? 0;
  const main = busy.find(({ id }) => id === String(process.pid))?.ranMs ?? 0;
  const all = busy.reduce((sum, { ranMs }) => sum + ranMs, 0);
  const reading: WatcherReading = {
    originNs: String(clockOriginNs + BigInt(notebook.originUs) * 1000n),
    rssBytes: process.memoryUsage().rss,
    cpuMs: { main, watch, rest: all - main - watch },
    waitedMs: busy.find(({ id }) => id === watcher())?.waitedMs ?? 0,
    connections,
    requests,
  };
  process.send?.(reading);
}

async function finish(): Promise<void> {
  await read();
  observer.stop();
  history.close();
  process.disconnect();
}

/** The thread that was started for watching and has worked the most. */
function watcher(): string | undefined {
  const own = threads().filter((id) => !before.has(id));
  return own.sort((a, b) => readTimes(b).ranMs - readTimes(a).ranMs)[0];
}

function threads(): readonly string[] {
  return readdirSync('/proc/self/task');
}

/** From the scheduler: time on a processor, and time that it waited for one. */
function readTimes(id: string): { readonly ranMs: number; readonly waitedMs: number } {
  const text = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8');
  const [ran = 0, waited = 0] = text.split(' ').map(Number);
  return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
}
