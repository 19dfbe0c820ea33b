/**
 * Watching in a worker thread with a transport of its own. The two threads share a monotonic clock
 * only because both are told the same origin.
 */

import { Worker } from 'node:worker_threads';
import type { ConnectionChoice } from '../kube/kubeconfig.ts';
import type { FromWatcher, WatchHost, WatchOrder } from './watch-link.ts';

/** How the worker gets to the cluster: plain values, since a connection cannot cross threads. */
export interface WorkerAccess {
  readonly choice: ConnectionChoice;
  readonly userAgent: string;
  /** Of the run's clock. */
  readonly clockOriginNs: bigint;
  /** Of the cluster's time, where it is simulated at a pace; else 1. */
  readonly speed: number;
}

export interface WorkerData extends WorkerAccess {
  readonly order: WatchOrder;
}

/** A worker's own heap; 100,000 VMs take about 1 GB of it. */
const HEAP_MAX_MB = 4096;

export function workerHost(access: WorkerAccess): WatchHost {
  return (order, onMessage) => {
    const data: WorkerData = { ...access, order };
    const worker = new Worker(new URL('./watch-worker.js', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
    });
    worker.on('message', (message: FromWatcher) => onMessage(message));
    worker.on('error', (error) => onMessage({ is: 'broken', message: error.message }));
    return {
      post: (message) => worker.postMessage(message),
      close: () => void worker.terminate(),
    };
  };
}
