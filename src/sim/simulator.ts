/**
 * Puts the simulated cluster together: one kernel, one API server, the hardware, and controllers
 * as clients of that server. What stands in it before anybody comes is seeded at time zero.
 */

import { CEPH_CLUSTERS } from '../api/resources.ts';
import type { Transport } from '../api/transport.ts';
import { BrokenInvariant } from '../core/assert.ts';
import { createRng } from '../core/rng.ts';
import type { Parameters } from '../parameters/parameters.ts';
import { firstObjects } from './apiserver/first-objects.ts';
import { inProcessTransport } from './apiserver/in-process.ts';
import { type ApiServer, createApiServer } from './apiserver/server.ts';
import {
  instanceAdmission,
  virtualMachineAdmission,
} from './controllers/compute/machine-admission.ts';
import { startComputeControllers } from './controllers/compute/start.ts';
import { dataVolumeAdmission } from './controllers/storage/cdi/data-volume-admission.ts';
import { startStorageControllers, withPoolUsage } from './controllers/storage/start.ts';
import type { ImageContent } from './hardware/content.ts';
import { nodeObjects } from './hardware/node/node-objects.ts';
import { createRbdCluster } from './hardware/rbd/cluster.ts';
import { createKernel, type Kernel } from './kernel/kernel.ts';

export interface SimConfig {
  readonly seed: number;
  readonly parameters: Parameters;
  /** What importers find at which URLs. */
  readonly images: readonly { readonly urls: readonly string[]; readonly content: ImageContent }[];
  readonly storageClasses: readonly string[];
  readonly snapshotClasses: readonly string[];
  /** Namespaces that are there before the run, beside those of the cluster itself. */
  readonly namespaces: readonly string[];
  /** Whether controllers write core/v1 Events, which only people read. */
  readonly recordEvents: boolean;
  /** Told of each controller step that failed and will be tried again; conflicts are not told. */
  readonly onControllerError?: (error: unknown, where: string) => void;
}

export interface Simulator {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  /** The way into the cluster for a client inside this process. */
  readonly transport: Transport;
  /** flattens, resourceExhausted, aborted, managerCommands, attachPatches: since the start. */
  counters(): Readonly<Record<string, number>>;
}

const DEFECTS = [BrokenInvariant, TypeError, RangeError, ReferenceError];

export function createSimulator(config: SimConfig): Simulator {
  const { parameters, recordEvents } = config;
  const rng = createRng(config.seed).fork('simulator');
  const kernel = createKernel();
  const server = createApiServer({ clock: kernel, rng });
  const transport = inProcessTransport(server, {
    clock: kernel,
    roundTripUs: parameters.api.roundTripUs,
    watchDelayUs: parameters.api.watchDelayUs,
  });
  const rbd = createRbdCluster({ clock: kernel, rng: rng.fork('rbd'), parameters });
  const shared = { clock: kernel, rng, parameters, transport, recordEvents };
  const onError = (error: unknown, where: string) => {
    // A refused request or a failed volume operation is tried again; a defect would be for ever.
    if (isDefect(error)) kernel.crash(new BrokenInvariant(`${where}: ${describe(error)}`));
    config.onControllerError?.(error, where);
  };

  seedCluster(server, kernel, config);
  for (const rule of [virtualMachineAdmission, instanceAdmission, dataVolumeAdmission]) {
    server.addAdmission(rule);
  }
  server.addComputed(CEPH_CLUSTERS, (cluster) => withPoolUsage(cluster, rbd, parameters.pool));
  startStorageControllers({ ...shared, onError, rbd, images: contentByUrl(config) });
  const compute = startComputeControllers({ ...shared, onError, contents: rbd });
  server.addAggregated('subresources.kubevirt.io', compute.subresources);
  return {
    kernel,
    server,
    transport,
    counters: () => ({ ...rbd.counters(), ...compute.counters }),
  };
}

function isDefect(error: unknown): boolean {
  return DEFECTS.some((kind) => error instanceof kind);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function seedCluster(server: ApiServer, kernel: Kernel, config: SimConfig): void {
  for (const object of firstObjects(config)) server.seed(object);
  for (const node of nodeObjects(config.parameters, kernel.wallUs())) server.seed(node);
}

function contentByUrl({ images }: SimConfig): ReadonlyMap<string, ImageContent> {
  return new Map(images.flatMap(({ urls, content }) => urls.map((url) => [url, content] as const)));
}
