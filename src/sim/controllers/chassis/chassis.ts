/**
 * What every simulated controller stands on: time, the API, and one copy of each kind. Controllers
 * of one chassis live in one process and share their informers; each component has clients of its
 * own, because rate limits are per component.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { Transport } from '../../../api/transport.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { type ClientOptions, createClient, type KubeClient } from '../../../kube/client.ts';
import {
  type Controller,
  type ControllerOptions,
  startController,
} from '../../../kube/controller.ts';
import { type Informer, type InformerOptions, startInformer } from '../../../kube/informer.ts';
import { createEventRecorder, type EventCharge, type EventRecorder } from './event-recorder.ts';

export interface Chassis {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Whether core/v1 Events are written; they carry no information that a status lacks. */
  readonly recordEvents: boolean;
  /** The shared copy of a kind; asked for while the controllers are set up. */
  informer<T extends KubeObject>(
    resource: Resource<T>,
    options?: Pick<InformerOptions<T>, 'indexes' | 'labelSelector'>,
  ): Informer<T>;
  /** `component` is credited with what it writes, where the cluster keeps an account of that. */
  client(options?: ClientOptions & { readonly component?: string }): KubeClient;
  /** A controller that starts working once every informer has its first list. */
  controller(options: Omit<ControllerOptions, 'clock' | 'onError'>): Controller;
  /** Writes events in the name of a component; by a client of its own where none is given. */
  recorder(component: string, client?: KubeClient, charge?: EventCharge): EventRecorder;
  /** Calls back once every informer has its first list. */
  whenSynced(callback: () => void): void;
  readonly synced: boolean;
  readonly stopped: boolean;
  /** The time of the control plane as a metav1.Time. */
  stamp(): string;
  /** Runs `task` for its effects; a rejection is reported, not thrown. */
  launch(task: Promise<unknown>): void;
  report(error: unknown, where: string): void;
}

export interface ChassisOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly transport: Transport;
  readonly recordEvents: boolean;
  /** Whether controllers name themselves as the managers of the fields they write. */
  readonly creditsWriters?: boolean;
  readonly onError: ((error: unknown, where: string) => void) | undefined;
}

/** The chassis, what starts work on it, and what ends all of it. */
export interface RunningChassis {
  readonly chassis: Chassis;
  /** To be called when every controller has asked for its informers; resolves when they work. */
  begin(): Promise<void>;
  stop(): void;
  /** How many keys wait in the queues of its controllers, by the name of the queue. */
  queueDepths(): QueueDepths;
}

export type QueueDepths = ReadonlyMap<string, number>;

export function createChassis(options: ChassisOptions): RunningChassis {
  const { clock, transport, recordEvents } = options;
  const informers = createInformers(options);
  const controllers: NamedController[] = [];
  const waiting: (() => void)[] = [];
  let events = 0;
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const report = (error: unknown, where: string) => options.onError?.(error, where);
  const nextSequence = () => {
    events += 1;
    return events;
  };
  const chassis: { -readonly [K in keyof Chassis]: Chassis[K] } = {
    clock,
    transport,
    recordEvents,
    synced: false,
    stopped: false,
    informer: informers.get,
    client: ({ component, ...clientOptions } = {}) => {
      const fieldManager = options.creditsWriters ? component : undefined;
      return createClient(transport, { ...clientOptions, ...(fieldManager && { fieldManager }) });
    },
    controller({ reconcile, ...rest }) {
      const controller = startController({
        ...rest,
        clock,
        reconcile: (key) => (chassis.synced ? reconcile(key) : synced.then(() => reconcile(key))),
        onError: (error, key) => report(error, `${rest.name} ${key}`),
      });
      controllers.push({ name: rest.name, controller });
      return controller;
    },
    recorder: (component, client = createClient(transport), charge?) =>
      createEventRecorder({ clock, client, component, keep: recordEvents, charge, nextSequence }),
    whenSynced(callback) {
      if (chassis.synced) callback();
      else waiting.push(callback);
    },
    stamp: () => rfc3339(clock.wallUs()),
    launch: (task) => {
      task.catch((error: unknown) => report(error, 'task'));
    },
    report,
  };
  return {
    chassis,
    async begin() {
      await Promise.all(informers.all().map((informer) => informer.synced));
      chassis.synced = true;
      for (const callback of waiting) callback();
      markSynced();
    },
    stop() {
      chassis.stopped = true;
      for (const informer of informers.all()) informer.stop();
      for (const { controller } of controllers) controller.stop();
    },
    queueDepths: () => queueDepths(controllers),
  };
}

interface NamedController {
  readonly name: string;
  readonly controller: Controller;
}

/** Controllers of one name, a node each, have one queue to those who look from outside. */
function queueDepths(controllers: readonly NamedController[]): QueueDepths {
  const depths = new Map<string, number>();
  for (const { name, controller } of controllers) {
    depths.set(name, (depths.get(name) ?? 0) + controller.depth());
  }
  return depths;
}

/** One informer a kind, whoever asks first. */
function createInformers({ clock, rng, transport, onError }: ChassisOptions) {
  const client = createClient(transport);
  const informers = new Map<Resource, Informer<KubeObject>>();
  const get: Chassis['informer'] = (resource, options = {}) => {
    const found = informers.get(resource);
    if (found !== undefined) return found as never;
    const { plural } = resource;
    const informer = startInformer({
      ...options,
      client,
      clock,
      rng: rng.fork(`watch ${plural}`),
      resource,
      onError: (error, key) => onError?.(error, key === undefined ? plural : `${plural} ${key}`),
    });
    informers.set(resource, informer as never);
    return informer;
  };
  return { get, all: () => [...informers.values()] };
}
