/** What stands behind the port: the whole simulated cluster, or an API server without anybody. */

import { present } from '../../core/assert.ts';
import { toSeconds } from '../../core/duration.ts';
import { createRng } from '../../core/rng.ts';
import { rfc3339Micro } from '../../core/time-text.ts';
import { resolveParameters } from '../../parameters/parameters.ts';
import type { SimulatedFaults } from '../../scenario/faults-schema.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { createFaults } from '../../sim/apiserver/faults/faults.ts';
import type { Faults } from '../../sim/apiserver/faults/plan.ts';
import type { SavedObjects } from '../../sim/apiserver/saved.ts';
import { type ApiServer, createApiServer } from '../../sim/apiserver/server.ts';
import { wireAnswer, type WireAnswer, type WireRequest } from '../../sim/apiserver/wire/wire.ts';
import { NODE_ADMISSION } from '../../sim/controllers/compute/node-lifecycle.ts';
import { PROTECTION_ADMISSION } from '../../sim/controllers/storage/protection.ts';
import type { SavedRbd } from '../../sim/hardware/rbd/saved.ts';
import type { PacedKernel } from '../../sim/kernel/paced-clock.ts';
import { faultPlan, makeSimFaults } from '../sim-faults.ts';
import { openServedCluster } from '../target.ts';
import { createFaultsDesk, type FaultsDesk } from './admin.ts';
import { ARTICLE_CLASSES } from './built-in-scenario.ts';
import type { SavedState } from './state-file.ts';

export interface ServedCluster {
  readonly server: ApiServer;
  readonly faults: Faults;
  /** Answers paths of its own. */
  readonly extension: (request: WireRequest) => WireAnswer | undefined;
  save(): { readonly objects: SavedObjects; readonly rbd: SavedRbd };
}

export interface ServedOptions {
  readonly scenario: Scenario;
  /** Whether the user named the scenario; the built-in one stands for more than it says. */
  readonly scenarioIsOurs: boolean;
  readonly seed: number;
  readonly kernel: PacedKernel;
  readonly saved: SavedState | undefined;
  readonly tell: (line: string) => void;
}

/** Watches of slow clients resume from so many commits of a kind ago. */
const HISTORY_LENGTH = 10_000;

const NO_FAULTS: SimulatedFaults = { befalls: 'clients' };
const EMPTY_RBD: SavedRbd = { images: [], tasks: [], volumes: [], snapshots: [] };

export function openSimulated(options: ServedOptions): ServedCluster {
  const { scenario, seed, kernel, saved, tell } = options;
  const first = scenario.simulation.faults ?? NO_FAULTS;
  const desk: { current?: FaultsDesk } = {};
  const [image] = scenario.simulation.images;
  const simulator = openServedCluster(scenario, seed, {
    kernel,
    recordEvents: true,
    heartbeats: true,
    historyLength: HISTORY_LENGTH,
    tendsAllKinds: true,
    onDefect: (error, where) => tell(`${where}: ${defectText(error)}; it is tried again`),
    faults: makeSimFaults(() => desk.current?.ordered ?? first, seed),
    ...(image && { otherImage: image }),
    ...(saved && { saved: { seed, objects: saved.objects, rbd: saved.rbd } }),
    ...(options.scenarioIsOurs && { storageClasses: ARTICLE_CLASSES }),
  });
  const { server, nodes } = simulator;
  const faults = present(simulator.faults, 'a plan of faults');
  desk.current = createFaultsDesk({
    faults,
    kernel,
    nodes,
    inject: kernel.inject,
    first,
    onOrder: (ordered) => tell(`faults: ${JSON.stringify(ordered)}`),
  });
  const { answer } = desk.current;
  const extension = (request: WireRequest) => answer(request) ?? paceAnswer(request, kernel);
  return { server, faults, extension, save: () => simulator.save() };
}

/** An API server alone, with the kinds and no controller, as a bare kube-apiserver with CRDs. */
export function openBare({ scenario, seed, kernel, saved }: ServedOptions): ServedCluster {
  const rng = createRng(seed).fork(`bare ${saved?.objects.version ?? 0}`);
  const server = createApiServer({
    clock: kernel,
    rng,
    historyLength: HISTORY_LENGTH,
    ...(saved && { saved: saved.objects }),
  });
  for (const rule of [...PROTECTION_ADMISSION, NODE_ADMISSION]) server.addAdmission(rule);
  const plan = faultPlan(scenario.simulation.faults ?? NO_FAULTS);
  const faults = createFaults({ clock: kernel, rng: rng.fork('faults'), plan, server });
  return {
    server,
    faults,
    extension: (request) => paceAnswer(request, kernel),
    save: () => ({ objects: server.save(), rbd: EMPTY_RBD }),
  };
}

/** What went wrong and where in the program, in one line: enough to report it. */
export function defectText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, frame = ''] = (error.stack ?? '').split('\n');
  return `defect: ${error.message} (${frame.trim()})`;
}

/** `GET /bench/pace`: whether the machine keeps up, in simulated seconds. */
function paceAnswer(
  { method, path }: WireRequest,
  { speed, wallUs, lagUs, worstLagUs }: PacedKernel,
): WireAnswer | undefined {
  if (path !== '/bench/pace' || method !== 'GET') return undefined;
  const lag = { lagSeconds: toSeconds(lagUs()), worstLagSeconds: toSeconds(worstLagUs()) };
  return wireAnswer({ status: 200, body: { speed, time: rfc3339Micro(wallUs()), ...lag } });
}

/** Of the scenario; half there, half back. */
export function chooseLatency({ simulation }: Scenario) {
  const { api } = resolveParameters(simulation.parameters, simulation.release);
  return { roundTripUs: api.roundTripUs, watchDelayUs: api.watchDelayUs };
}
