/** The worker thread that watches: nothing but the two ends of the link and a transport. */

import { parentPort, workerData } from 'node:worker_threads';
import { present } from '../core/assert.ts';
import { startCostMeter } from '../core/own-cost.ts';
import { settle } from '../core/settle.ts';
import { scaledClock } from '../core/scaled-clock.ts';
import { systemClock } from '../core/system-clock.ts';
import { attentiveTransport } from '../kube/attentive-transport.ts';
import { createClient } from '../kube/client.ts';
import { createHttpsTransport } from '../kube/https-transport.ts';
import { loadConnection } from '../kube/kubeconfig.ts';
import { pacedTransport } from '../kube/paced-transport.ts';
import type { FromWatcher, ToWatcher } from './watch-link.ts';
import { startWatching } from './watching.ts';
import type { WorkerData } from './worker-host.ts';

const port = present(parentPort, 'the port to the main thread');
const { order, choice, userAgent, clockOriginNs, speed } = workerData as WorkerData;
const wall = systemClock(clockOriginNs);
const clock = scaledClock(wall, speed);
const meter = startCostMeter();
const connection = await loadConnection(choice);
const transport = await createHttpsTransport({ connection, clock: wall, userAgent });
const post = (message: FromWatcher) => port.postMessage(message);
const attentive = attentiveTransport(transport, wall, (line) => post({ is: 'told', line }));
const take = startWatching(order, {
  client: createClient(pacedTransport(attentive, speed)),
  clock,
  cost: () => ({ ...transport.counts, loopLagUs: meter.read().loopLagUs }),
  post,
  nextTurn: settle,
});
port.on('message', (message: ToWatcher) => take(message));
