/**
 * A scenario's faults in the words of the simulator. Which object is hit depends on the seed and
 * the object's name alone, so that one more request somewhere moves nothing elsewhere.
 */

import type { VirtualMachineInstance } from '../../api/compute.ts';
import type { PersistentVolumeClaim } from '../../api/storage.ts';
import type { Clock } from '../../core/clock.ts';
import { createRng, type Rng } from '../../core/rng.ts';
import type { SimulatedFaults } from '../../parameters/faults-schema.ts';
import type { FaultPlan } from '../apiserver/faults/plan.ts';

/** `current` is asked anew each time, since faults can be ordered while a cluster is served. */
export function makeSimFaults(current: () => SimulatedFaults, seed: number) {
  const dice = createRng(seed).fork('ordered faults');
  const first = current();
  const hits = (share: number | undefined, what: string) =>
    share !== undefined && dice.fork(what).next() < share;
  return {
    plan: faultPlan(first),
    befalls: first.befalls === 'everyone' ? ('everyone' as const) : ('harness' as const),
    storage: {
      losesVolume: (claim: PersistentVolumeClaim) =>
        hits(current().volumes?.lost, `lost ${formatName(claim)}`),
      copiesInstead: (claim: PersistentVolumeClaim) =>
        hits(current().volumes?.copied, `copied ${formatName(claim)}`)
          ? 'The storage refuses to clone (ordered fault)'
          : undefined,
    },
    compute: {
      neverBoots: (vmi: VirtualMachineInstance) =>
        hits(current().guests?.neverBoot, `boot ${formatName(vmi)}`),
    },
    lab: () => current().lab,
    nodeSkewUs: (node: string) => drawSkew(current().nodes?.skew, dice, node),
  };
}

/** The part that stands between clients and the API server. */
export function faultPlan({ watches, requests, server }: SimulatedFaults): FaultPlan {
  const { throttle, slowBodies } = requests ?? {};
  return defined<FaultPlan>({
    cutEveryEvents: watches?.cutAfterEvents,
    cutEveryUs: watches?.cutAfter,
    cutCompacts: watches?.cutCompacts,
    compactEveryUs: server?.compactEvery,
    stall: watches?.stall && { everyUs: watches.stall.every, forUs: watches.stall.for },
    duplicateRate: watches?.duplicate,
    coalesceUs: watches?.coalesce,
    delay: watches?.delay && { rate: watches.delay.share, maxUs: watches.delay.max },
    throttle: throttle && { rate: throttle.share, retryAfterSeconds: throttle.retryAfter },
    errorRate: requests?.errors,
    loseCreateRate: requests?.lostCreates,
    dropRate: requests?.drops,
    latencyMaxUs: requests?.latency,
    slowBodies: slowBodies && { rate: slowBodies.share, bytesPerSecond: slowBodies.bytesPerSecond },
    restart: server?.restart && { everyUs: server.restart.every, forUs: server.restart.for },
    clockSteps: server?.clockSteps.map(({ after, by, back }) => ({
      afterUs: after,
      byUs: back ? -by : by,
    })),
  });
}

interface Power {
  fail(node: string): void;
  recover(node: string): void;
}

/** Takes power from nodes when their time has come; returns what calls it off. */
export function orderNodeFaults(clock: Clock, power: Power, faults: SimulatedFaults): () => void {
  const cancels: (() => void)[] = [];
  const at = (delayUs: number, act: () => void) => {
    cancels.push(clock.schedule(delayUs, act, { kind: 'background' }));
  };
  for (const { node, after, for: lastsUs } of faults.nodes?.down ?? []) {
    at(after, () => power.fail(node));
    if (lastsUs !== undefined) at(after + lastsUs, () => power.recover(node));
  }
  return () => {
    for (const cancel of cancels) cancel();
  };
}

function formatName({
  metadata,
}: {
  readonly metadata: { namespace?: string; name: string };
}): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** Even over both directions. */
function drawSkew(mostUs: number | undefined, dice: Rng, node: string): number {
  if (mostUs === undefined) return 0;
  return Math.round(dice.fork(`skew ${node}`).uniform(-mostUs, mostUs));
}

function defined<T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as T;
}
