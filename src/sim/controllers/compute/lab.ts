/**
 * What every compute controller is given: time, randomness, the API, and one copy of each kind.
 * All controllers of this folder live in one process, so they share their informers; each has its
 * own client, because rate limits are per component.
 */

import type { KubeObject } from '../../../api/object.ts';
import { NODES, type Resource } from '../../../api/resources.ts';
import type { Transport } from '../../../api/transport.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { createClient, type KubeClient } from '../../../kube/client.ts';
import {
  type Controller,
  type ReconcileResult,
  startController,
} from '../../../kube/controller.ts';
import { type Informer, startInformer } from '../../../kube/informer.ts';
import type { RateLimiter } from '../../../kube/rate-limit.ts';
import type { Parameters } from '../../../parameters/parameters.ts';

export interface ComputeLab {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  /** Whether core/v1 Events are written; they carry no information that a status lacks. */
  readonly recordEvents: boolean;
  /** The shared copy of a kind; asked for while the controllers are set up. */
  informer<T extends KubeObject>(resource: Resource<T>): Informer<T>;
  /** A client whose requests all wait for `limiter`. */
  client(limiter?: RateLimiter): KubeClient;
  /** A controller that starts working once every informer has its first list. */
  controller(options: LabController): Controller;
  /** Whether there are nodes of others, from which ours are told by labels and a taint. */
  readonly marksNodes: boolean;
  /** Whether the node is simulated here, as far as the copies tell. */
  ownsNode(name: string): boolean;
  /** Calls back once every informer has its first list. */
  whenSynced(callback: () => void): void;
  readonly synced: boolean;
  readonly stopped: boolean;
  /** The time of the control plane as a metav1.Time. */
  stamp(): string;
  /** Runs `task` for its effects; a rejection is reported, not thrown. */
  launch(task: Promise<unknown>): void;
}

interface LabController {
  readonly name: string;
  readonly workers: number;
  readonly reconcile: (key: string) => Promise<ReconcileResult>;
}

export interface LabOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  readonly recordEvents: boolean;
  readonly onError: ((error: unknown, where: string) => void) | undefined;
  /** Selects our nodes; all are ours where undefined. */
  readonly nodeLabels?: string | undefined;
}

/** The lab, what starts its informers' clocks, and what ends all of it. */
export interface RunningLab {
  readonly lab: ComputeLab;
  /** To be called when every controller has asked for its informers. */
  begin(): Promise<void>;
  stop(): void;
}

export function createLab(options: LabOptions): RunningLab {
  const { clock, rng, parameters, transport, recordEvents } = options;
  const informers = new Map<Resource, Informer<KubeObject>>();
  const controllers: Controller[] = [];
  const waiting: (() => void)[] = [];
  const reader = createClient(transport);
  const state = { synced: false, stopped: false };
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const informerOf = <T extends KubeObject>(resource: Resource<T>): Informer<T> => {
    let informer = informers.get(resource);
    if (!informer) {
      informer = startInformer(informerOptions(options, reader, resource));
      informers.set(resource, informer);
    }
    return informer as unknown as Informer<T>;
  };
  const lab: ComputeLab = {
    clock,
    rng,
    parameters,
    transport,
    recordEvents,
    get synced() {
      return state.synced;
    },
    get stopped() {
      return state.stopped;
    },
    informer: informerOf,
    client: (limiter) => createClient(transport, limiter ? { limiterOf: () => limiter } : {}),
    controller({ name, workers, reconcile }) {
      const controller = startController({
        name,
        clock,
        workers,
        reconcile: (key) => (state.synced ? reconcile(key) : synced.then(() => reconcile(key))),
        onError: (error, key) => options.onError?.(error, `${name} ${key}`),
      });
      controllers.push(controller);
      return controller;
    },
    marksNodes: options.nodeLabels !== undefined,
    ownsNode: (name) => !options.nodeLabels || !!informers.get(NODES)?.get(undefined, name),
    whenSynced(callback) {
      if (state.synced) callback();
      else waiting.push(callback);
    },
    stamp: () => rfc3339(clock.wallUs()),
    launch: (task) => {
      task.catch((error: unknown) => options.onError?.(error, 'task'));
    },
  };
  return {
    lab,
    async begin() {
      await Promise.all([...informers.values()].map((informer) => informer.synced));
      state.synced = true;
      for (const callback of waiting) callback();
      markSynced();
    },
    stop() {
      state.stopped = true;
      for (const informer of informers.values()) informer.stop();
      for (const controller of controllers) controller.stop();
    },
  };
}

function informerOptions(options: LabOptions, client: KubeClient, resource: Resource) {
  const { clock, rng, nodeLabels } = options;
  return {
    client,
    clock,
    rng: rng.fork(`watch ${resource.plural}`),
    resource,
    labelSelector: resource === NODES ? nodeLabels : undefined,
    onError: (error: unknown, key?: string) =>
      options.onError?.(error, key === undefined ? resource.plural : `${resource.plural} ${key}`),
  };
}
