/**
 * Puts the simulated cluster together: one kernel, one API server, the hardware, and controllers
 * as clients of that server. What stands in it before anybody comes is seeded at time zero.
 */

import * as known from '../api/resources.ts';
import type { Probe } from '../api/probe.ts';
import type { Transport } from '../api/transport.ts';
import { createRng, type Rng } from '../core/rng.ts';
import type { LabFaults } from '../parameters/faults-schema.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { FaultPlan, FaultRecord, Faults } from './apiserver/faults/plan.ts';
import { createStandingFaults, type StandingFaults } from './apiserver/faults/standing.ts';
import { bareObjects, classObjects, firstObjects } from './apiserver/first-objects.ts';
import { asideTransport, inProcessTransport, watchDelay } from './apiserver/in-process.ts';
import type { SavedObjects } from './apiserver/server/saved.ts';
import type { ServerRequest } from './apiserver/requests/write-options.ts';
import { type ApiServer, createApiServer } from './apiserver/server/server.ts';
import { answerReview } from './apiserver/wire/reviews.ts';
import { serveDiscovery } from './apiserver/wire/service-paths.ts';
import type { OtherKinds } from './controllers/compute/cluster-resources.ts';
import { kubeVirtAdmission } from './controllers/compute/vm-admission.ts';
import { VM_SNAPSHOT_ADMISSION } from './controllers/compute/vm-snapshot-admission.ts';
import {
  type ComputeControllers,
  type ComputeFaults,
  startComputeControllers,
} from './controllers/start-compute.ts';
import { hostObjects, startHosts } from './controllers/start-hosts.ts';
import { makeDefinition, HYPERCONVERGEDS, OLM_KINDS } from './controllers/lab/kinds.ts';
import { imagePulls, type LabControllers, startLabControllers } from './controllers/start-lab.ts';
import { dataVolumeAdmission } from './controllers/storage/cdi/data-volume-admission.ts';
import type { StorageFaults } from './controllers/storage/faults.ts';
import type { Importable } from './controllers/storage/lab.ts';
import { PROTECTION_ADMISSION } from './controllers/storage/protection.ts';
import {
  startStorageControllers,
  type StorageControllerName,
  type StorageControllers,
  withPoolUsage,
} from './controllers/start-storage.ts';
import type { ImageContent } from './hardware/storage/content.ts';
import { nodeObjects } from './hardware/node/node-objects.ts';
import type { DriverTraits, StorageDriver } from './hardware/storage/csi.ts';
import { createDriver } from './hardware/driver.ts';
import { errorListener } from './controllers/error-listener.ts';
import type { StorageKind } from '../parameters/storage-kinds.ts';
import type { SavedRbd } from './hardware/rbd/saved.ts';
import { createKernel, type Kernel } from './kernel/kernel.ts';
import type { MetricFamily } from './monitoring/family.ts';
import { monitorCluster } from './monitoring/monitor.ts';

export interface SimConfig {
  readonly seed: number;
  readonly parameters: Parameters;
  /** What importers find at which URLs. */
  readonly images: readonly { readonly urls: readonly string[]; readonly content: ImageContent }[];
  /** What they find everywhere else; nothing where absent, and imports fail. */
  readonly otherImage?: ImageContent;
  readonly storageClasses: readonly string[];
  readonly snapshotClasses: readonly string[];
  /** What volumes are kept on; RBD where absent. */
  readonly storage?: StorageKind;
  /** It begins with nodes, empty disks and OLM: operators and storage are brought by clients. */
  readonly isBare?: boolean;
  /** Namespaces that are there before the run, beside those of the cluster itself. */
  readonly namespaces: readonly string[];
  /** Whether controllers write core/v1 Events, which only people read. */
  readonly recordEvents: boolean;
  /** Whether controllers are named as managers of the fields they write, which only people read. */
  readonly creditsWriters?: boolean;
  /** The time it lives in; a virtual one of its own where absent. */
  readonly kernel?: Kernel;
  /** Whether clients on a wire may do only what roles grant them. */
  readonly authorization?: 'RBAC' | 'AlwaysAllow';
  /** Controllers and webhooks that it does without. */
  readonly without?: readonly StorageControllerName[];
  /** Whether leases are renewed and nodes report: traffic that only clocks are told by. */
  readonly heartbeats?: boolean;
  /** Commits that each kind keeps for watches to resume from. */
  readonly historyLength?: number;
  /** What a cluster before this one held; it then starts with nothing else. */
  readonly saved?: SavedCluster;
  /** What goes wrong; nothing where it is absent. */
  readonly faults?: SimFaults;
  /** Told of each controller step that failed and will be tried again; conflicts are not told. */
  readonly onControllerError?: (error: unknown, where: string) => void;
  /** What is scraped and asked of by PromQL; nothing is counted where it is absent. */
  readonly monitoring?: { readonly scrapesKept?: number };
  /** Whether kinds that only clients use are collected, and emptied out of namespaces, too. */
  readonly tendsAllKinds?: boolean;
  /**
   * Told of a defect that showed while a controller acted on an object, which it will try again:
   * strangers may write what no run would. Where absent, a defect ends the cluster.
   */
  readonly onDefect?: (error: unknown, where: string) => void;
}

/** All that outlives the processes of a cluster. */
export interface SavedCluster {
  readonly seed: number;
  readonly objects: SavedObjects;
  readonly rbd: SavedRbd;
}

export interface SimFaults {
  /** Between clients and the API server. */
  readonly plan?: FaultPlan;
  /** Whom the plan befalls: the client of `Simulator.transport` alone, or controllers as well. */
  readonly befalls?: 'harness' | 'everyone';
  readonly storage?: StorageFaults;
  readonly compute?: ComputeFaults;
  readonly lab?: () => LabFaults | undefined;
  /** How far a node's clock is ahead of the control plane's. */
  readonly nodeSkewUs?: (node: string) => number;
}

export interface Simulator {
  readonly kernel: Kernel;
  /** Ground truth for whoever checks a measurement: `onCommit` tells what really happened. */
  readonly server: ApiServer;
  /** The way into the cluster for a client inside this process. */
  readonly transport: Transport;
  /** A way for questions about it that takes no time, so that asking changes nothing. */
  readonly monitoring: Pick<Transport, 'request'> | undefined;
  /** The faults that happened on the way. */
  readonly faultRecords: readonly FaultRecord[];
  /** What happens on the way, where faults have a plan. */
  readonly faults: StandingFaults | undefined;
  /** The way to its guests for who asks from inside the cluster network. */
  readonly probe: Probe;
  /** Takes the power from a node, and gives it back. */
  readonly nodes: ComputeControllers['nodes'];
  save(): SavedCluster;
  /**
   * flattens, resourceExhausted, aborted, managerCommands, attachPatches, and operatorsInstalled of
   * a cluster that began bare: since the start.
   */
  counters(): Readonly<Record<string, number>>;
}

/** In process a watch is resumed within moments; old versions would only fill memory. */
const HISTORY_LENGTH = 1000;

export function createSimulator(config: SimConfig): Simulator {
  const { parameters, saved, seed } = config;
  const rng = makeStream(config);
  const kernel = config.kernel ?? createKernel();
  const historyLength = config.historyLength ?? HISTORY_LENGTH;
  const server = createApiServer({
    clock: kernel,
    rng,
    historyLength,
    ...(config.authorization && { authorization: config.authorization }),
    ...(saved && { saved: saved.objects }),
    isMetered: config.monitoring !== undefined,
  });
  const plan = config.faults?.plan;
  const faults =
    plan && createStandingFaults({ clock: kernel, rng: rng.fork('faults'), plan, server });
  const ways = waysIn(server, kernel, { parameters, rng }, faults);
  const storage = createDriver(config.storage ?? 'rbd', {
    clock: kernel,
    rng,
    parameters,
    ...(saved && { saved: saved.rbd }),
  });
  const { driver } = storage;
  if (!saved) seedCluster(server, kernel, config, driver.traits);
  const rules = [...kubeVirtAdmission(parameters), dataVolumeAdmission];
  for (const rule of [...rules, ...VM_SNAPSHOT_ADMISSION, ...PROTECTION_ADMISSION]) {
    server.addAdmission(rule);
  }
  server.addComputed(known.CEPH_CLUSTERS, (cluster) =>
    withPoolUsage(cluster, driver, parameters.pool),
  );
  const transport = config.faults?.befalls === 'everyone' ? ways.faulty : ways.clear;
  const around = { kernel, rng, transport, driver, server };
  const { compute, storage: storageControllers } = startControllers(config, around);
  const hosts = startHosts({ ...chassisOptions(config, around), rng, power: compute.nodes });
  const lab = config.isBare ? startLab(config, around) : undefined;
  if (lab) server.addGate(HYPERCONVERGEDS, lab.webhook);
  server.addAggregated('subresources.kubevirt.io', compute.subresources);
  server.addAggregated('authorization.k8s.io', (request) => answerInside(server, request));
  serveDiscovery(server, () => kernel.wallUs());
  if (config.monitoring) {
    const sources = [driver, compute, storageControllers, ...(lab ? [lab] : [])];
    server.addDocuments(monitor(config.monitoring, kernel, server, sources));
  }
  server.onEviction(compute.evictionAsked);
  for (const [resource, gate] of [...compute.gates, ...storageControllers.gates]) {
    server.addGate(resource, gate);
  }
  return {
    kernel,
    server,
    transport: ways.faulty,
    monitoring: config.monitoring && asideTransport(server, kernel),
    get faultRecords() {
      return faults?.records ?? [];
    },
    faults,
    probe: compute.probe,
    nodes: compute.nodes,
    save: () => ({ seed, objects: server.save(), rbd: storage.save() }),
    counters: () => ({ ...driver.counters(), ...compute.counters, ...lab?.counters, ...hosts() }),
  };
}

/** Reviews that controllers of this process ask for. */
async function answerInside({ authorizer }: ApiServer, { path, body }: ServerRequest) {
  const reviewed = answerReview(path, body, INSIDER, authorizer);
  return reviewed ? { status: 201, body: reviewed } : { status: 404, body: undefined };
}

const INSIDER = { username: 'system:apiserver', groups: ['system:masters'] };

interface Surroundings {
  readonly kernel: Kernel;
  readonly rng: Rng;
  readonly transport: Transport;
  readonly driver: StorageDriver;
  readonly server: ApiServer;
}

function startControllers(config: SimConfig, around: Surroundings): StartedControllers {
  const { parameters } = config;
  const { rng, driver, server } = around;
  const shared = { ...chassisOptions(config, around), rng };
  const { storage, compute, nodeSkewUs } = config.faults ?? {};
  const storageControllers = startStorageControllers({
    ...shared,
    driver,
    images: importableImages(config),
    ...(config.without && { without: config.without }),
    ...(storage && { faults: storage }),
  });
  const computeControllers = startComputeControllers({
    ...shared,
    contents: driver,
    programs: storageControllers.programs,
    asksForClones: true,
    heartbeats: config.heartbeats ?? false,
    ...(config.tendsAllKinds && { otherKinds: otherKinds(server) }),
    ...(compute && { faults: compute }),
    ...(config.isBare && { pullUs: imagePulls(parameters, rng) }),
    ...(nodeSkewUs && { clockSkewUs: nodeSkewUs }),
  });
  return { storage: storageControllers, compute: computeControllers };
}

interface StartedControllers {
  readonly compute: ComputeControllers;
  readonly storage: StorageControllers;
}

function monitor(
  monitoring: NonNullable<SimConfig['monitoring']>,
  clock: Kernel,
  { meter }: ApiServer,
  components: readonly { families(): readonly MetricFamily[] }[],
) {
  const told = meter ? [meter, ...components] : components;
  return monitorCluster({ ...monitoring, clock, sources: told.map((each) => each.families) });
}

function startLab(config: SimConfig, around: Surroundings): LabControllers {
  const { rng, driver } = around;
  return startLabControllers({
    ...chassisOptions(config, around),
    rng: rng.fork('lab'),
    classes: classObjects({ ...config, driver: driver.traits }),
    faults: config.faults?.lab ?? (() => undefined),
  });
}

/** What all controllers stand on. */
function chassisOptions(config: SimConfig, { kernel, transport }: Surroundings) {
  const { parameters, recordEvents, creditsWriters = false } = config;
  const onError = errorListener(config, kernel);
  return { clock: kernel, parameters, transport, recordEvents, creditsWriters, onError };
}

/** All that clients defined are among them; events under their newer name are known ones. */
function otherKinds({ registry }: ApiServer): OtherKinds {
  const list = () =>
    registry.definitions
      .filter(({ storedAs }) => !storedAs)
      .map(({ resource }) => resource)
      .filter((resource) => !KNOWN.has(resource) && resource.group !== 'events.k8s.io');
  return { list, onChange: (listener) => registry.onChange(listener) };
}

const KNOWN = new Set<unknown>(Object.values(known));

/** A cluster that goes on must not draw the UIDs of the one before it again. */
function makeStream({ seed, saved }: SimConfig): Rng {
  const rng = createRng(seed).fork('simulator');
  return saved ? rng.fork(`after version ${saved.objects.version}`) : rng;
}

/** The same connection without and with its faults; one and the same where there are none. */
function waysIn(
  server: ApiServer,
  clock: Kernel,
  { parameters: { api }, rng }: { readonly parameters: Parameters; readonly rng: Rng },
  faults: Faults | undefined,
): { readonly clear: Transport; readonly faulty: Transport } {
  const way = { clock, roundTripUs: api.roundTripUs, watchDelayUs: watchDelay(api, rng) };
  const clear = inProcessTransport(server, way);
  return { clear, faulty: faults ? inProcessTransport(server, { ...way, faults }) : clear };
}

function seedCluster(
  server: ApiServer,
  kernel: Kernel,
  config: SimConfig,
  driver: DriverTraits,
): void {
  const { parameters, isBare = false } = config;
  const objects = isBare ? bareObjects(config) : firstObjects({ ...config, driver });
  for (const object of objects) server.seed(object);
  if (isBare) for (const kind of OLM_KINDS) server.seed(makeDefinition(kind));
  const nodes = nodeObjects(parameters, kernel.wallUs(), isBare);
  for (const node of nodes) server.seed(node);
  const names = nodes.map(({ metadata }) => metadata.name);
  for (const object of hostObjects(names, config)) server.seed(object);
}

/** What importers find where. */
export function importableImages({ images, otherImage }: SimConfig): Importable {
  const byUrl = new Map(
    images.flatMap(({ urls, content }) => urls.map((url) => [url, content] as const)),
  );
  return { get: (url) => byUrl.get(url) ?? otherImage };
}
