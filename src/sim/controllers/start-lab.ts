/**
 * The operators of a cluster that begins bare. OLM and the operators that stand on kinds which are
 * always served work from the start; those whose kinds OLM brings begin when their version has
 * Succeeded, so that a cluster that brings up nothing pays for nothing.
 */

import type { Pod } from '../../api/compute.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Transport } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import { limitedBy } from '../../kube/client.ts';
import { createTokenBucket } from '../../kube/rate-limit.ts';
import type { LabFaults } from '../../parameters/faults-schema.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import { createChassis, type RunningChassis } from './chassis/chassis.ts';
import type { MetricFamily } from '../monitoring/family.ts';
import { queueFamilies } from './queue-metrics.ts';
import { OPERAND_IMAGE, startDaemonSets } from './lab/daemon-sets.ts';
import { createWebhook, type WebhookGate } from './lab/webhook.ts';
import { startLocalStorage } from './lab/local-storage.ts';
import { startOlm } from './lab/olm.ts';
import { createDelays, type LabRoom } from './lab/room.ts';
import { startPools, startRook } from './lab/rook.ts';
import { startStorageClusters } from './lab/storage-cluster.ts';
import { startHyperConverged, startVirtOperators } from './lab/virtualization.ts';

export interface LabOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  readonly recordEvents: boolean;
  readonly creditsWriters: boolean;
  /** Storage and snapshot classes that ODF makes. */
  readonly classes: readonly KubeObject[];
  readonly faults: () => LabFaults | undefined;
  readonly onError: (error: unknown, where: string) => void;
}

export interface LabControllers {
  /** Stands before writes of HyperConvergeds. */
  readonly webhook: WebhookGate;
  readonly counters: { readonly operatorsInstalled: number };
  /** What they tell a Prometheus. */
  families(): readonly MetricFamily[];
}

/** kube-controller-manager as OpenShift runs it: its clients send so many requests a second. */
const MANAGER = { qps: 150, burst: 300 };

export function startLabControllers(options: LabOptions): LabControllers {
  const { clock, parameters, faults } = options;
  const installed = new Set<string>();
  const started: RunningChassis[] = [];
  const webhook = createWebhook(clock, faults);
  const begin = (name: string, start: (room: LabRoom) => void) => {
    const rng = options.rng.fork(`lab ${name}`);
    const running = createChassis({ ...options, rng });
    started.push(running);
    const limiter = limitedBy(createTokenBucket(clock, MANAGER));
    const client = running.chassis.client({ ...limiter, component: name });
    const left = createDelays(clock, rng, parameters.olm.variation);
    start({ lab: running.chassis, rng, parameters, client, faults, left });
    void running.begin();
  };
  const onInstalled = (packageName: string) => {
    if (installed.has(packageName)) return;
    installed.add(packageName);
    if (packageName === 'kubevirt-hyperconverged') webhook.installed();
    const start = ON_DEMAND[packageName];
    if (start) begin(packageName, (room) => start(room, options));
  };
  begin('olm', (room) => startOlm(room, { onInstalled }));
  begin('operators', (room) => {
    startDaemonSets(room);
    startVirtOperators(room);
    startRook(room);
    startPools(room);
  });
  return {
    webhook: webhook.gate,
    counters: {
      get operatorsInstalled() {
        return installed.size;
      },
    },
    families: () => started.flatMap((each) => queueFamilies(each.queueDepths())),
  };
}

/** By the package whose version has to have Succeeded. */
const ON_DEMAND: Readonly<
  Record<string, (room: LabRoom, options: Pick<LabOptions, 'classes'>) => void>
> = {
  'kubevirt-hyperconverged': startHyperConverged,
  'local-storage-operator': startLocalStorage,
  'ocs-operator': startStorageClusters,
};

/** How long a node pulls the image of a pod, in microseconds: those of operands are new to it. */
export function imagePulls({ virtOperator, olm }: Parameters, rng: Rng): (pod: Pod) => number {
  const stream = rng.fork('image pulls');
  return ({ spec }) =>
    spec.containers.some(({ image }) => image === OPERAND_IMAGE)
      ? Math.round(stream.gamma(virtOperator.imagePullUs, olm.variation))
      : 0;
}
