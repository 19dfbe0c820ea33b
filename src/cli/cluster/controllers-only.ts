/**
 * Plays KubeVirt, CDI, storage and nodes on an API server of somebody else's. All it knows is in
 * that server's objects: another process takes over where this one ended, however it ended.
 */

import { type Node, SIMULATED_NODE } from '../../api/compute.ts';
import type { KubeObject } from '../../api/object.ts';
import { NODES, type Resource, SNAPSHOT_CLASSES, STORAGE_CLASSES } from '../../api/resources.ts';
import type { Clock } from '../../core/clock.ts';
import { SECOND } from '../../core/duration.ts';
import { createRng } from '../../core/rng.ts';
import { scaledClock } from '../../core/scaled-clock.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { resolveParameters } from '../../parameters/parameters.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { firstObjects } from '../../sim/apiserver/first-objects.ts';
import {
  type ComputeControllerName,
  startComputeControllers,
} from '../../sim/controllers/compute/start.ts';
import type { Importable } from '../../sim/controllers/storage/lab.ts';
import {
  startStorageControllers,
  type StorageControllerName,
} from '../../sim/controllers/storage/start.ts';
import { nodeObjects } from '../../sim/hardware/node/node-objects.ts';
import { createRbdCluster } from '../../sim/hardware/rbd/cluster.ts';
import { withAccess } from '../cluster-access.ts';
import { type ClusterAccess, nameOfCluster } from '../../run/cluster-handle.ts';
import { EXIT } from '../../core/exit-code.ts';
import type { Session } from '../../run/session.ts';
import { orderNodeFaults, makeSimFaults } from '../sim-faults.ts';
import type { ClusterArguments } from './arguments.ts';
import { ARTICLE_CLASSES } from './built-in-scenario.ts';
import { forgetDeleted, keepCeph, recallCeph } from './ceph-memory.ts';
import { parseControllers, servedBy, type ServerControllerName } from './controllers-argument.ts';
import { surveyServer } from './foreign-server.ts';
import { scenarioFor } from './loaded-scenario.ts';
import { type Newcomers, watchForNewcomers } from './newcomers.ts';
import { acquireLease } from './own-lease.ts';
import { troubleTeller } from './trouble.ts';

const NODE_TAINT = { key: SIMULATED_NODE, value: 'true', effect: 'NoSchedule' };

export async function playControllers(session: Session, args: ClusterArguments): Promise<void> {
  const asked = parseControllers(args.controllers);
  const scenario = scenarioFor(args, session.screen.tell);
  if (!scenario) return session.finish(EXIT.usage);
  const { kubeconfig, context } = args;
  const choice = { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
  await withAccess(session, choice, (access) => play(session, args, scenario, access, asked));
}

async function play(
  session: Session,
  args: ClusterArguments,
  scenario: Scenario,
  access: ClusterAccess,
  asked: readonly ServerControllerName[] | undefined,
): Promise<void> {
  const { host, screen } = session;
  const { client } = access;
  const clock = clockOn(access, args.speed);
  const { refusals, held } = await surveyServer(client, clock.wallUs());
  if (refusals.length > 0) {
    screen.tell(`bench: simulated controllers stay away from ${nameOfCluster(access)}:`);
    for (const refusal of refusals) screen.tell(`  ${refusal}`);
    return session.finish(EXIT.usage);
  }
  const without = asked ?? servedBy(held);
  const lease = await acquireLease({
    client,
    clock,
    identity: `bench-${access.clockOriginNs}`,
    // At a pace, renewals come sooner, and so may whoever comes after one that died.
    seconds: Math.ceil(LEASE_SECONDS / (access.speed === undefined ? args.speed : 1)),
    signal: host.interrupt,
    onWait: (holder) => screen.tell(`waiting for the lease of ${holder}`),
  });
  if (lease) {
    await createSurroundings(client, args, scenario, clock.wallUs());
    const stop = await start(args, scenario, access, clock, without, screen.tell);
    screen.tell(`playing KubeVirt on ${nameOfCluster(access)}, ${leftOutText(without)}`);
    // Whoever says --controllers knows what else there is.
    const newcomers =
      asked === undefined
        ? watchForNewcomers({ client, clock, without, periodUs: LEASE_SECONDS * SECOND })
        : NO_NEWCOMERS;
    screen.print('ready\n');
    await either(host.interrupt, lease.lost, newcomers.appeared);
    newcomers.stop();
    await stop();
    await lease.release();
    const reason = describeEnd(lease.lost, newcomers.appeared);
    if (reason !== undefined) {
      screen.tell(`bench: ${reason}`);
      return session.finish(EXIT.error);
    }
  }
  session.finish(host.interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
}

/** Of whoever died without releasing it. */
const LEASE_SECONDS = 15;

const NO_NEWCOMERS: Newcomers = { appeared: new AbortController().signal, stop: () => {} };

/** Why the controllers ended, where nobody asked for it. */
function describeEnd(lost: AbortSignal, appeared: AbortSignal): string | undefined {
  if (lost.aborted) return 'another process has taken the lease';
  if (!appeared.aborted) return undefined;
  const restart = 'start again, and ours leave it to it; --controllers LIST decides otherwise';
  return `${String(appeared.reason)}: ${restart}`;
}

/**
 * A simulated server has a time, which its objects are stamped with. On any other, work takes less
 * time at a pace, and is stamped with the time of the day: the server's own stamps stand beside.
 */
function clockOn({ clock, speed }: ClusterAccess, asked: number): Clock {
  return speed === undefined ? { ...scaledClock(clock, asked), wallUs: clock.wallUs } : clock;
}

/** Classes, and nodes of our own that nothing else is scheduled on. */
async function createSurroundings(
  client: KubeClient,
  args: ClusterArguments,
  { storage, simulation }: Scenario,
  nowUnixUs: number,
): Promise<void> {
  const objects = firstObjects({
    storageClasses: args.scenario === undefined ? ARTICLE_CLASSES : [storage.className],
    snapshotClasses: storage.snapshotClassName === undefined ? [] : [storage.snapshotClassName],
    namespaces: [],
  });
  for (const resource of [STORAGE_CLASSES, SNAPSHOT_CLASSES] as const) {
    for (const object of objects) {
      if (object.kind === resource.kind) await createOnce(client, resource, object);
    }
  }
  for (const node of nodeObjects(
    resolveParameters(simulation.parameters, simulation.release),
    nowUnixUs,
  )) {
    await createOnce(client, NODES, ours(node));
  }
}

function ours(node: Node): Node {
  const { metadata, spec } = node;
  const labels = { ...metadata.labels, [SIMULATED_NODE]: 'true' };
  return { ...node, metadata: { ...metadata, labels }, spec: { ...spec, taints: [NODE_TAINT] } };
}

async function createOnce(
  client: KubeClient,
  resource: Resource,
  object: KubeObject,
): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Of our time: what is lost with a process that is killed. */
const CEPH_MEMORY_US = 5 * SECOND;

async function start(
  args: ClusterArguments,
  scenario: Scenario,
  { client, transport, clockOriginNs, speed }: ClusterAccess,
  clock: Clock,
  without: readonly ServerControllerName[],
  tell: (line: string) => void,
): Promise<() => Promise<void>> {
  const { simulation } = scenario;
  const parameters = resolveParameters(simulation.parameters, simulation.release);
  const seed = args.seed ?? simulation.seed ?? 1;
  // UIDs of volumes must differ from those of the process before.
  const rng = createRng(`${seed} ${clockOriginNs}`);
  const kernel = {
    ...clock,
    scheduleQuiet: (delayUs: number, callback: () => void) => {
      clock.schedule(delayUs, callback);
    },
  };
  const saved = await recallCeph(client);
  const rbd = createRbdCluster({
    clock: kernel,
    rng: rng.fork('rbd'),
    parameters,
    ...(saved && { saved }),
  });
  const faults = simulation.faults;
  const ordered = faults && makeSimFaults(() => faults, seed);
  const onError = troubleTeller(clock, tell);
  const shared = {
    clock: kernel,
    rng,
    parameters,
    transport,
    recordEvents: true,
    onError,
  };
  const storage = startStorageControllers({
    ...shared,
    rbd,
    images: indexImportable(scenario),
    adopts: true,
    without: without as readonly StorageControllerName[],
    ...(ordered && { faults: ordered.storage }),
  });
  // Guests that run already are taken over by what their volumes hold.
  await storage.synced;
  const compute = startComputeControllers({
    ...shared,
    contents: rbd,
    heartbeats: true,
    leaderLeases: false,
    nodeLabels: `${SIMULATED_NODE}=true`,
    without: without as readonly ComputeControllerName[],
    ...(ordered && { faults: ordered.compute, clockSkewUs: ordered.nodeSkewUs }),
  });
  await compute.ready;
  if (saved) forgetDeleted(client, rbd, saved).catch((error: unknown) => onError(error, 'Ceph'));
  const periodUs = CEPH_MEMORY_US * (speed === undefined ? args.speed : speed);
  const memory = keepCeph({ client, clock, rbd, periodUs, onError });
  const callOff = faults ? orderNodeFaults(kernel, compute.nodes, faults) : () => {};
  return async () => {
    callOff();
    storage.stop();
    compute.stop();
    memory.stop();
    await memory.write();
  };
}

/** What the scenario's images hold, by their urls; all others hold what the first does. */
function indexImportable({ simulation, images }: Scenario): Importable {
  const contents = new Map(
    images.flatMap(({ key, origin }) => {
      const content = simulation.images.find((each) => each.key === key);
      return content && 'url' in origin ? [[origin.url, content] as const] : [];
    }),
  );
  const [other] = simulation.images;
  return { get: (url) => contents.get(url) ?? other };
}

function leftOutText(without: readonly string[]): string {
  return without.length === 0 ? 'with all controllers' : `without ${without.join(', ')}`;
}

function either(...signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    any.addEventListener('abort', () => resolve(), { once: true });
  });
}
