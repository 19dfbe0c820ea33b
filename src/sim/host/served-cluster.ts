/** What stands behind the port: the whole simulated cluster, or an API server without anybody. */

import { present } from '../../core/assert.ts';
import { toSeconds } from '../../core/duration.ts';
import { createRng } from '../../core/rng.ts';
import { rfc3339Micro } from '../../core/time-text.ts';
import type { SimulatedFaults } from '../../parameters/faults-schema.ts';
import { createFaults } from '../apiserver/faults/faults.ts';
import type { Faults } from '../apiserver/faults/plan.ts';
import type { SavedObjects } from '../apiserver/server/saved.ts';
import { type ApiServer, createApiServer } from '../apiserver/server/server.ts';
import { wireAnswer, type WireAnswer, type WireRequest } from '../apiserver/wire/wire.ts';
import { NODE_ADMISSION } from '../controllers/compute/node-lifecycle.ts';
import { PROTECTION_ADMISSION } from '../controllers/storage/protection.ts';
import type { SavedRbd } from '../hardware/rbd/saved.ts';
import type { PacedKernel } from '../kernel/paced-clock.ts';
import { faultPlan, makeSimFaults } from './ordered-faults.ts';
import { createSimulator } from '../simulator.ts';
import { createFaultsDesk, type FaultsDesk } from './admin.ts';
import type { DescribedCluster } from './hosting.ts';
import type { SavedState } from './state-file.ts';

export interface ServedCluster {
  readonly server: ApiServer;
  readonly faults: Faults;
  /** Answers paths of its own. */
  readonly extension: (request: WireRequest) => WireAnswer | undefined;
  save(): { readonly objects: SavedObjects; readonly rbd: SavedRbd };
}

export interface ServedOptions {
  readonly described: DescribedCluster;
  readonly seed: number;
  readonly kernel: PacedKernel;
  readonly saved: SavedState | undefined;
  readonly authorization: 'RBAC' | 'AlwaysAllow';
  readonly tell: (line: string) => void;
}

/** Watches of slow clients resume from so many commits of a kind ago. */
const HISTORY_LENGTH = 10_000;

/** Half a day of them: whoever asks for longer should scrape `/metrics` with a real Prometheus. */
const SCRAPES_KEPT = 1440;

const NO_FAULTS: SimulatedFaults = { befalls: 'clients' };
const EMPTY_RBD: SavedRbd = { images: [], tasks: [], volumes: [], snapshots: [] };

export function openSimulated(options: ServedOptions): ServedCluster {
  const { described, seed, kernel, saved, authorization, tell } = options;
  const first = described.faults ?? NO_FAULTS;
  const desk: { current?: FaultsDesk } = {};
  const simulator = createSimulator({
    ...described.config,
    seed,
    kernel,
    authorization,
    recordEvents: true,
    creditsWriters: true,
    heartbeats: true,
    historyLength: HISTORY_LENGTH,
    tendsAllKinds: true,
    monitoring: { scrapesKept: SCRAPES_KEPT },
    onDefect: (error, where) => tell(`${where}: ${defectText(error)}; it is tried again`),
    faults: makeSimFaults(() => desk.current?.ordered ?? first, seed),
    ...(saved && { saved: { seed, objects: saved.objects, rbd: saved.rbd } }),
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
export function openBare(options: ServedOptions): ServedCluster {
  const { described, seed, kernel, saved, authorization } = options;
  const rng = createRng(seed).fork(`bare ${saved?.objects.version ?? 0}`);
  const server = createApiServer({
    clock: kernel,
    rng,
    authorization,
    historyLength: HISTORY_LENGTH,
    ...(saved && { saved: saved.objects }),
  });
  for (const rule of [...PROTECTION_ADMISSION, NODE_ADMISSION]) server.addAdmission(rule);
  const plan = faultPlan(described.faults ?? NO_FAULTS);
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

/** Half there, half back. */
export function apiLatency({ config }: DescribedCluster) {
  const { api } = config.parameters;
  return { roundTripUs: api.roundTripUs, watchDelayUs: api.watchDelayUs };
}
