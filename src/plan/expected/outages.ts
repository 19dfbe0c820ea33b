/**
 * How long it takes until nodes without power are noticed and left, and until they are back: grace
 * period, tolerations, the pod collector, the boot of a server. All of it is since the moment at
 * which the power was cut, or given back. Beats whose phase nobody knows count with their half.
 */

import { TOLERATION_SECONDS } from '../../api/taints.ts';
import { SECOND } from '../../core/duration.ts';
import type { Outage } from './machines.ts';
import type { Model } from './model.ts';

/** A server that is switched: by the operator's workers, and then its status. */
export function switchUs(servers: number, model: Model): number {
  return model.look(1) + Math.ceil(servers / SWITCHING) * model.parameters.api.roundTripUs;
}

/** Of the baremetal-operator. */
const SWITCHING = 8;

/** Until the monitor has missed a node for the grace period since its last sign of life. */
export function foundUs(model: Model): number {
  const { nodeLifecycle, kubelet } = model.parameters;
  const { monitorPeriodUs, gracePeriodUs } = nodeLifecycle;
  return gracePeriodUs + (monitorPeriodUs - kubelet.statusIntervalUs) / 2 + model.look(1);
}

/** Until the pods of a silent node are to go; a node out of service is borne with by none. */
export function evictedUs({ fencedUs = Number.POSITIVE_INFINITY }: Outage, model: Model): number {
  const toleratedUs = foundUs(model) + TOLERATION_SECONDS * SECOND;
  return Math.min(toleratedUs, Math.max(fencedUs, foundUs(model))) + model.look(2);
}

/** Until they are gone; undefined where nobody says that they may be taken away. */
export function leftUs(outage: Outage, model: Model): number | undefined {
  if (outage.fencedUs === undefined) return undefined;
  const collectedUs = model.parameters.podGc.periodUs / 2;
  return Math.max(evictedUs(outage, model), outage.fencedUs) + collectedUs + model.look(3);
}

/** Until so many servers have booted, the first one first. */
export function bootedUs(servers: number, { parameters: { hosts } }: Model): readonly number[] {
  return Array.from({ length: servers }, (_, i) => {
    const z = normalQuantile((i + 1 - BLOM) / (servers + 1 - 2 * BLOM));
    return gammaAt(z, hosts.bootTimeUs, hosts.variation);
  });
}

/** From a node that is back to the end of an instance that had run there. */
export function endedUs({ parameters, look }: Model): number {
  return parameters.kubelet.stopTimeUs + look(4);
}

/** Of an ordered sample, as a normal one has it (Blom 1958). */
const BLOM = 0.375;

/** As far out as a standard normal one is at z (Wilson and Hilferty 1931). */
function gammaAt(z: number, mean: number, variation: number): number {
  const d = variation ** 2 / 9;
  return mean * (1 - d + z * Math.sqrt(d)) ** 3;
}

/** To a hundredth (Joiner and Rosenblatt 1971). */
function normalQuantile(p: number): number {
  return 4.91 * (p ** 0.14 - (1 - p) ** 0.14);
}
