/**
 * Which cluster a command talks to: the one file that knows both wings. Without a kubeconfig it is
 * the embedded simulated cluster, in virtual time. Its wing is a third of all modules, and loaded
 * only for that.
 */

import { PROMETHEUS_SERVICE } from '../api/monitoring.ts';
import type { Setting } from '../benchmark.ts';
import { present } from '../core/assert.ts';
import { formatBytes } from '../core/bytes.ts';
import { HOUR } from '../core/duration.ts';
import { createRng } from '../core/rng.ts';
import { STORAGE_NAMES } from '../parameters/storage-kinds.ts';
import { resolveParameters } from '../parameters/parameters.ts';
import { calibratedOn } from '../report/wording/twin-words.ts';
import type { Image, Scenario } from '../scenario/scenario.ts';
import type { DescribedCluster } from '../sim/host/hosting.ts';
import type { SimConfig } from '../sim/simulator.ts';
import { openCluster } from '../run/cluster-target.ts';
import { prometheusBehind } from '../run/prometheus.ts';
import { UsageError } from '../core/usage-error.ts';
import type { OpenedTarget, TargetOptions } from '../run/setting.ts';
import { simulatedEnvironment } from '../run/simulated-environment.ts';

/** Longer than any run: a stream that the server closes by itself would only leave gaps. */
const WATCH_TIMEOUT_US = 10_000 * HOUR;

/** Of a hosted cluster, where neither the scenario nor the user names one. */
const DEFAULT_SEED = 1;

export async function openTarget(
  scenario: Scenario | undefined,
  options: TargetOptions,
): Promise<OpenedTarget> {
  const { access, seed } = options;
  return access === undefined
    ? openEmbedded(present(scenario, 'a scenario for the embedded cluster'), seed)
    : openCluster(scenario, access, options);
}

async function openEmbedded(scenario: Scenario, seed: number): Promise<OpenedTarget> {
  refuseForeignImages(scenario);
  const simulation = await loadSimulation();
  return {
    kind: 'simulated',
    seed,
    open: () => embeddedSetting(simulation, scenario, seed),
    environment: simulatedEnvironment(scenario.simulation),
    description:
      `no cluster is named, so it is the embedded simulated one (seed ${seed})` +
      assumedText(scenario.simulation.images) +
      storageText(scenario),
  };
}

/** What a storage class of another kind is played by. */
function storageText({ storage, simulation }: Scenario): string {
  if (simulation.storage !== 'rbd' || /rbd|ceph/i.test(storage.className)) return '';
  const played = `is simulated as ${STORAGE_NAMES[simulation.storage]} (simulation.storage)`;
  return `;\n  storage class ${storage.className} ${played}`;
}

/** Images of which the scenario does not say what they hold: whose figures stand for them. */
function assumedText(images: Scenario['simulation']['images']): string {
  const assumed = images.filter(({ isAssumed }) => isAssumed);
  return assumed
    .map(({ key, dataBytes }) => {
      const taken = `it is taken for RHEL 9 with ${formatBytes(dataBytes)} of data`;
      return `;\n  simulation.images says nothing of image ${key}: ${taken}`;
    })
    .join('');
}

type Simulation = Awaited<ReturnType<typeof loadSimulation>>;

async function loadSimulation() {
  const { createSimulator } = await import('../sim/simulator.ts');
  const { orderNodeFaults, makeSimFaults } = await import('../sim/host/ordered-faults.ts');
  return { createSimulator, orderNodeFaults, makeSimFaults };
}

function embeddedSetting(
  { createSimulator, orderNodeFaults, makeSimFaults }: Simulation,
  scenario: Scenario,
  seed: number,
): Setting {
  const { faults } = scenario.simulation;
  const simulator = createSimulator({
    ...makeSimConfig(scenario, seed),
    ...(faults && { faults: makeSimFaults(() => faults, seed) }),
    ...(scenario.metrics && { monitoring: {} }),
  });
  const { kernel, transport, counters, probe, monitoring } = simulator;
  if (faults) orderNodeFaults(kernel, simulator.nodes, faults);
  return {
    target: 'simulated',
    seed,
    clock: kernel,
    rng: createRng(seed).fork('harness'),
    transport,
    probe,
    counters,
    ...(monitoring && { metrics: prometheusBehind(monitoring, PROMETHEUS_SERVICE) }),
    watch: { timeoutUs: WATCH_TIMEOUT_US },
    during: (main, describeWaits) => kernel.run(main, describeWaits),
  };
}

/** The cluster of a scenario for whoever hosts it: its importers find something everywhere. */
export function describeCluster(
  scenario: Scenario,
  builtIn: { readonly storageClasses: readonly string[] } | undefined,
): DescribedCluster {
  const { name, simulation } = scenario;
  const seed = simulation.seed ?? DEFAULT_SEED;
  const [otherImage] = simulation.images;
  const config = {
    ...makeSimConfig(scenario, seed),
    ...(otherImage && { otherImage }),
    ...builtIn,
  };
  const { faults, twin } = simulation;
  return {
    name: builtIn ? undefined : name,
    seed,
    config,
    faults,
    twin,
    calibratedOn: twin && calibratedOn(twin),
  };
}

export function makeSimConfig(
  { storage, images, simulation, namespace }: Scenario,
  seed: number,
): SimConfig {
  const contents = new Map(simulation.images.map((it) => [it.key, it]));
  const foreign = images.flatMap((image) => image.namespace ?? []);
  return {
    seed,
    parameters: resolveParameters(simulation.parameters, simulation.release),
    images: images.flatMap((image) => {
      const content = contents.get(image.key);
      return content === undefined ? [] : [{ urls: listUrls(image), content }];
    }),
    storage: simulation.storage,
    isBare: simulation.isBare,
    storageClasses: [storage.className],
    snapshotClasses: storage.snapshotClassName === undefined ? [] : [storage.snapshotClassName],
    namespaces: [...new Set([...foreign, ...(namespace === undefined ? [] : [namespace])])],
    recordEvents: false,
  };
}

/** The embedded cluster begins empty: there is nothing that an image could be taken from. */
function refuseForeignImages({ images }: Scenario): void {
  for (const { key, origin } of images) {
    if (origin.kind === 'http' || origin.kind === 'registry') continue;
    throw new UsageError(
      `images.${key} is taken from the ${origin.kind} "${origin.name}", which the embedded ` +
        `cluster does not have: use import with a url, or name a cluster with --context`,
    );
  }
}

function listUrls({ origin }: Image): readonly string[] {
  return origin.kind === 'http' || origin.kind === 'registry' ? [origin.url] : [];
}
