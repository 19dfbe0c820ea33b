/**
 * The compute side of the simulated cluster in one call: who exists, and who is told of what.
 * Every controller is a client of the API and nothing else; only kubelets and virt-handlers touch
 * the hardware. Stopping and starting them again loses nothing but the time of what was under way.
 */

import type { Pod, VirtualMachineInstance } from '../../api/compute.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Probe } from '../../api/probe.ts';
import { type Resource, VMIS } from '../../api/resources.ts';
import type { Transport } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import { limitedBy } from '../../kube/client.ts';
import { createTokenBucket } from '../../kube/rate-limit.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import { has } from '../../parameters/release.ts';
import type { Programs } from '../hardware/node/programs.ts';
import type { VolumeContents } from '../hardware/storage/content.ts';
import type { MetricFamily } from '../monitoring/family.ts';
import { queueFamilies } from './queue-metrics.ts';
import { vmiFamilies } from './compute/vmi-metrics.ts';
import { startAttachDetach } from './compute/attach-detach.ts';
import {
  NAMESPACED_RESOURCES,
  NO_OTHER_KINDS,
  type OtherKinds,
  OWNED_RESOURCES,
} from './compute/cluster-resources.ts';
import { createCloneGate } from './compute/clone-authorization.ts';
import { startDisruptionBudgets } from './compute/disruption-budgets.ts';
import { createEvictionWebhook, startEvacuation } from './compute/evacuation.ts';
import { startExternalAttacher } from './compute/external-attacher.ts';
import { startGarbageCollector } from './compute/garbage-collector.ts';
import { createGuestNetwork } from './compute/guest-network.ts';
import { startVmiController } from './compute/vmi-controller.ts';
import { type ComputeLab, createLab, type RunningLab } from './compute/lab.ts';
import { createLauncherPods, type LauncherPods } from './compute/launcher-pods.ts';
import { startVmController } from './compute/vm-controller.ts';
import { startMigrations } from './compute/migration-controller.ts';
import { startNamespaceController } from './compute/namespace-controller.ts';
import { startNodeAgents } from './compute/node-agents.ts';
import { startNodeLifecycle } from './compute/node-lifecycle.ts';
import { createNodePower, type NodePower } from './compute/node-power.ts';
import { startPodCollector } from './compute/pod-gc.ts';
import { createPodVolumes } from './compute/pod-volumes.ts';
import { startScheduler } from './compute/scheduler.ts';
import { createStatusPhases } from '../hardware/node/status-phase.ts';
import { startTaintEviction } from './compute/taint-eviction.ts';
import { startUnresponsiveNodes } from './compute/unresponsive-nodes.ts';
import { startVmRestores } from './compute/vm-restores.ts';
import { startVmSnapshots } from './compute/vm-snapshots.ts';
import { startSnapshotStatuses } from './compute/snapshot-statuses.ts';
import { startIndexedJobs } from './workloads/indexed-jobs.ts';
import { type Gates, virtApiGates } from './compute/webhooks.ts';
import { createVirtApi, type SubresourceHandler } from './compute/virt-api.ts';
import { createReplicas } from './compute/virt-api-replicas.ts';

export interface ComputeFaults {
  /** Guests that power on and never come up. */
  readonly neverBoots?: (vmi: VirtualMachineInstance) => boolean;
}

export type ComputeControllerName =
  | 'scheduler'
  | 'garbage-collector'
  | 'namespaces'
  | 'attach-detach'
  | 'node-lifecycle'
  | 'virt-controller'
  | 'external-attacher';

export interface ComputeControllersOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  /** What guests boot from, and where their first writes go. */
  readonly contents: VolumeContents;
  /** Write core/v1 Events; off by default, since they double the requests of a boot. */
  readonly recordEvents?: boolean;
  /** Keep an account of who wrote which field; off by default, since nobody in process reads it. */
  readonly creditsWriters?: boolean;
  /** Leases and node status as background timers; off by default. */
  readonly heartbeats?: boolean;
  /** How far a node's clock is ahead of the control plane's. */
  readonly clockSkewUs?: (node: string) => number;
  readonly faults?: ComputeFaults;
  /** What pods do that end by themselves; others run on. */
  readonly programs?: Programs;
  /** Whether virt-api's webhook is ours as well, so that it asks for the right to clone. */
  readonly asksForClones?: boolean;
  /** Left to the server where it has its own. */
  readonly without?: readonly ComputeControllerName[];
  /** Only nodes with these labels are ours: nothing is bound to others, and no pod there is run. */
  readonly nodeLabels?: string;
  /** For whom the virt-handler of a node writes, where its webhooks look at who does. */
  readonly handlerTransport?: (node: string) => Transport;
  /** For how long a node pulls the image of a pod, in microseconds; not at all where undefined. */
  readonly pullUs?: ((pod: Pod) => number) | undefined;
  /** Whether heartbeats include the leases of the control plane, which a server may have itself. */
  readonly leaderLeases?: boolean;
  /** The namespaced kinds that a deleted namespace is emptied of. */
  readonly namespaced?: readonly Resource[];
  /** Further kinds, whose objects are collected, and of which deleted namespaces are emptied. */
  readonly otherKinds?: OtherKinds;
  /** Steps that failed and will be tried again; conflicts are not among them. */
  readonly onError?: (error: unknown, where: string) => void;
}

export interface ComputeControllers {
  /** Resolves when every controller has its first lists and works. */
  readonly ready: Promise<void>;
  /** Answers `/apis/subresources.kubevirt.io/`. */
  readonly subresources: SubresourceHandler;
  /** What VMs and instances wait for at admission. */
  readonly gates: Gates;
  /** Told of each eviction before it is decided. */
  evictionAsked(pod: KubeObject): void;
  readonly counters: { readonly attachPatches: number };
  /** Asks guests at their addresses. */
  readonly probe: Probe;
  /** Takes the power from a node, and gives it back. */
  readonly nodes: Pick<NodePower, 'fail' | 'recover'>;
  /** What they tell a Prometheus. */
  families(): readonly MetricFamily[];
  stop(): void;
}

export function startComputeControllers(options: ComputeControllersOptions): ComputeControllers {
  const { clock, parameters, otherKinds = NO_OTHER_KINDS } = options;
  const counters = { attachPatches: 0 };
  const running = createLab({
    clock,
    rng: options.rng.fork('compute'),
    parameters,
    transport: options.transport,
    recordEvents: options.recordEvents ?? false,
    creditsWriters: options.creditsWriters ?? false,
    onError: options.onError,
    nodeLabels: options.nodeLabels,
  });
  const { lab } = running;
  const launchers = createLauncherPods(lab);
  const podVolumes = createPodVolumes(lab);
  const power = createNodePower();
  const phases = createStatusPhases(
    parameters.kubelet.statusIntervalUs,
    lab.rng.fork('node status'),
  );
  const runs = (name: ComputeControllerName) => !options.without?.includes(name);
  if (runs('virt-controller')) startVirtController(lab, launchers, power);
  if (runs('external-attacher')) startExternalAttacher(lab, counters);
  const hypervisor = startNodeAgents({
    lab,
    contents: options.contents,
    launchers,
    podVolumes,
    power,
    phases,
    heartbeats: options.heartbeats ?? false,
    leaderLeases: options.leaderLeases ?? true,
    clockSkewUs: options.clockSkewUs,
    neverBoots: options.faults?.neverBoots ?? (() => false),
    handlerTransport: options.handlerTransport ?? (() => options.transport),
    pullUs: options.pullUs,
    programs: options.programs ?? (() => undefined),
  });
  const probe = createGuestNetwork({ lab, hypervisor, launchers, power });
  if (runs('scheduler')) startScheduler(lab);
  if (runs('attach-detach')) startAttachDetach(lab, podVolumes);
  if (runs('garbage-collector')) startGarbageCollector(lab, OWNED_RESOURCES, otherKinds);
  if (runs('namespaces')) startNamespaces(lab, options, otherKinds);
  if (runs('node-lifecycle')) {
    startNodeLifecycle(lab, power, phases);
    startTaintEviction(lab);
    startPodCollector(lab);
  }
  // Only strangers make Jobs.
  if (options.otherKinds !== undefined) startIndexedJobs(lab);
  const replicas = createReplicas(lab);
  const asks = options.asksForClones && has(parameters, 'clonesAuthorizedAtAdmission');
  const cloneGate = asks ? createCloneGate(lab, replicas) : undefined;
  return {
    ready: running.begin(),
    subresources: createVirtApi(replicas, hypervisor),
    gates: virtApiGates(clock, parameters, cloneGate),
    evictionAsked: createEvictionWebhook(lab, lab.client({ component: 'virt-api' })),
    counters,
    probe,
    nodes: { fail: power.fail, recover: power.recover },
    families: () => familiesOf(running),
    stop() {
      running.stop();
      hypervisor.halt();
    },
  };
}

function startNamespaces(
  lab: ComputeLab,
  { namespaced = NAMESPACED_RESOURCES }: Pick<ComputeControllersOptions, 'namespaced'>,
  otherKinds: OtherKinds,
): void {
  const others = () => otherKinds.list().filter((resource) => resource.namespaced);
  startNamespaceController(lab, () => [...namespaced, ...others()]);
}

function familiesOf({ lab, queueDepths }: RunningLab): readonly MetricFamily[] {
  return [...queueFamilies(queueDepths()), ...vmiFamilies(lab.informer(VMIS).values())];
}

/** One process: its controllers share one budget of requests. */
function startVirtController(lab: ComputeLab, launchers: LauncherPods, power: NodePower): void {
  const { qps, burst } = lab.parameters.virtController;
  const limiter = limitedBy(createTokenBucket(lab.clock, { qps, burst }));
  const client = lab.client({ ...limiter, component: 'virt-controller' });
  startVmController(lab, client);
  startVmiController(lab, client, launchers);
  startSnapshotStatuses(lab, client);
  startVmSnapshots(lab, client);
  startVmRestores(lab, client);
  startDisruptionBudgets(lab, client);
  startMigrations(lab, client);
  startEvacuation(lab, client);
  startUnresponsiveNodes(lab, client, launchers, power);
}
