/**
 * Plays KubeVirt, CDI, storage and nodes on an API server of somebody else's. All it knows is in
 * that server's objects: another process takes over where this one ended, however it ended.
 */

import { SIMULATED_NODE } from '../../api/compute.ts';
import type { Clock } from '../../core/clock.ts';
import { SECOND } from '../../core/duration.ts';
import { createRng } from '../../core/rng.ts';
import { scaledClock } from '../../core/scaled-clock.ts';
import {
  type ComputeControllerName,
  startComputeControllers,
} from '../controllers/start-compute.ts';
import {
  startStorageControllers,
  type StorageControllerName,
} from '../controllers/start-storage.ts';
import { createDriver } from '../hardware/driver.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { importableImages } from '../simulator.ts';
import { orderNodeFaults, makeSimFaults } from './ordered-faults.ts';
import { type CsiFace, openCsiFace } from './csi/endpoint.ts';
import { forgetDeleted, keepCeph, recallCeph } from './ceph-memory.ts';
import { servedBy, type ServerControllerName, SIDECARS } from './controllers-argument.ts';
import { type BesideKubeVirt, standBeside } from './beside-kubevirt.ts';
import { surveyServer } from './foreign-server.ts';
import {
  type DescribedCluster,
  endedBySignal,
  type ForeignServer,
  type Hosting,
} from './hosting.ts';
import { type Newcomers, watchForNewcomers } from './newcomers.ts';
import { acquireLease, type OwnLease } from './own-lease.ts';
import { createSurroundings } from './surroundings.ts';
import { troubleTeller } from './trouble.ts';

export interface ControllersOptions {
  readonly described: DescribedCluster;
  readonly seed: number | undefined;
  /** Where the server has no pace of its own. */
  readonly speed: number;
  /** What the server does itself; undefined: what its leases say. */
  readonly without: readonly ServerControllerName[] | undefined;
  /** Of the socket where real sidecars find the driver; undefined: ours do without one. */
  readonly csi: string | undefined;
}

export async function playControllers(
  hosting: Hosting,
  server: ForeignServer,
  args: ControllersOptions,
): Promise<ExitCode> {
  const { interrupt, tell } = hosting;
  const { client } = server;
  const clock = clockOn(server, args.speed);
  const survey = await surveyServer(client, clock.wallUs(), args.without, args.csi !== undefined);
  const beside = args.without?.includes('virt-controller')
    ? await standBeside(client, server.transport)
    : undefined;
  const refusals = [...survey.refusals, ...(beside?.refusals ?? []), ...csiRefusals(args)];
  if (refusals.length > 0) {
    tell(`bench: simulated controllers stay away from ${server.name}:`);
    for (const refusal of refusals) tell(`  ${refusal}`);
    return EXIT.usage;
  }
  const without = args.without ?? [
    ...servedBy(survey.held),
    ...(args.csi === undefined ? [] : SIDECARS),
  ];
  const onDefect = troubleTeller(clock, tell);
  const endpoint =
    args.csi === undefined
      ? undefined
      : await openCsiFace(args.csi, (error) => onDefect(error, 'CSI'));
  try {
    const lease = await acquireLease({
      client,
      clock,
      identity: `bench-${server.clockOriginNs}`,
      // At a pace, renewals come sooner, and so may whoever comes after one that died.
      seconds: Math.ceil(LEASE_SECONDS / (server.speed === undefined ? args.speed : 1)),
      signal: interrupt,
      onWait: (holder) => tell(`waiting for the lease of ${holder}`),
    });
    if (!lease) return endedBySignal(hosting);
    return await playUnderLease(hosting, server, clock, lease, {
      ...args,
      beside,
      endpoint,
      without,
      isListed: args.without !== undefined,
    });
  } finally {
    await endpoint?.close();
  }
}

interface Play extends Omit<ControllersOptions, 'without'> {
  /** Whether somebody has said what there is. */
  readonly isListed: boolean;
  readonly without: readonly ServerControllerName[];
  readonly beside: BesideKubeVirt | undefined;
  readonly endpoint: CsiFace | undefined;
}

async function playUnderLease(
  hosting: Hosting,
  server: ForeignServer,
  clock: Clock,
  lease: OwnLease,
  play: Play,
): Promise<ExitCode> {
  const { interrupt, print, tell } = hosting;
  const { client } = server;
  const { without } = play;
  const secrets = play.endpoint !== undefined;
  await createSurroundings(client, play.described, { nowUnixUs: clock.wallUs(), without, secrets });
  const stop = await start(play, server, clock, tell);
  tell(`playing KubeVirt on ${server.name}, ${leftOutText(without)}`);
  if (play.csi !== undefined) tell(`the simulated storage driver serves unix://${play.csi}`);
  // Whoever says --controllers knows what else there is.
  const newcomers = play.isListed
    ? NO_NEWCOMERS
    : watchForNewcomers({ client, clock, without, periodUs: LEASE_SECONDS * SECOND });
  print('ready\n');
  await either(interrupt, lease.lost, newcomers.appeared);
  newcomers.stop();
  await stop();
  await lease.release();
  const reason = describeEnd(lease.lost, newcomers.appeared);
  if (reason === undefined) return endedBySignal(hosting);
  tell(`bench: ${reason}`);
  return EXIT.error;
}

/** Why the driver cannot be shown to real sidecars. */
function csiRefusals({ csi, described }: ControllersOptions): readonly string[] {
  const { storage = 'rbd' } = described.config;
  if (csi === undefined || storage === 'rbd') return [];
  return [`--csi shows Ceph RBD, not simulation.storage ${storage}: leave that out`];
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
function clockOn({ clock, speed }: ForeignServer, asked: number): Clock {
  return speed === undefined ? { ...scaledClock(clock, asked), wallUs: clock.wallUs } : clock;
}

/** Of our time: what is lost with a process that is killed. */
const CEPH_MEMORY_US = 5 * SECOND;

async function start(
  args: Play,
  { client, transport, clockOriginNs, speed }: ForeignServer,
  clock: Clock,
  tell: (line: string) => void,
): Promise<() => Promise<void>> {
  const { without } = args;
  const { config, faults, seed: ownSeed } = args.described;
  const { parameters } = config;
  const seed = args.seed ?? ownSeed;
  // UIDs of volumes must differ from those of the process before.
  const rng = createRng(`${seed} ${clockOriginNs}`);
  const kernel = {
    ...clock,
    scheduleQuiet: (delayUs: number, callback: () => void) => {
      clock.schedule(delayUs, callback);
    },
  };
  const saved = await recallCeph(client);
  const { driver, save } = createDriver(config.storage ?? 'rbd', {
    clock: kernel,
    rng,
    parameters,
    ...(saved && { saved }),
  });
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
    driver,
    images: importableImages(config),
    adopts: true,
    without: without as readonly StorageControllerName[],
    ...(ordered && { faults: ordered.storage }),
  });
  // Guests that run already are taken over by what their volumes hold.
  await storage.synced;
  args.endpoint?.serve(driver);
  const compute = startComputeControllers({
    ...shared,
    contents: driver,
    programs: storage.programs,
    heartbeats: true,
    leaderLeases: false,
    nodeLabels: `${SIMULATED_NODE}=true`,
    without: without as readonly ComputeControllerName[],
    ...(args.beside && { handlerTransport: args.beside.handlerTransport }),
    ...(ordered && { faults: ordered.compute, clockSkewUs: ordered.nodeSkewUs }),
  });
  await compute.ready;
  if (saved) forgetDeleted(client, driver, saved).catch((error: unknown) => onError(error, 'Ceph'));
  const periodUs = CEPH_MEMORY_US * (speed === undefined ? args.speed : speed);
  const memory = keepCeph({ client, clock, rbd: { save }, periodUs, onError });
  const callOff = faults ? orderNodeFaults(kernel, compute.nodes, faults) : () => {};
  return async () => {
    callOff();
    storage.stop();
    compute.stop();
    memory.stop();
    await memory.write();
  };
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
