/**
 * What the webhooks of virt-api make of a write: each creation and update of a VM or an instance
 * first goes to one that may change it, then to one that may refuse it, and only then is stored
 * (kubevirt v1.1.1 components/webhooks.go). Writes of pods and of a VM's status go straight.
 */

import { VIRTUAL_MACHINES, VMIS, type Resource } from '../../../api/resources.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { CloneGate } from './clone-authorization.ts';

/** By kind: what its writes wait for. */
export type Gates = readonly (readonly [Resource, CloneGate])[];

export function virtApiGates(
  clock: Clock,
  { virtApi }: Parameters,
  cloneGate: CloneGate | undefined,
): Gates {
  const callsUs = 2 * virtApi.webhookTimeUs;
  if (callsUs === 0) return cloneGate ? [[VIRTUAL_MACHINES, cloneGate]] : [];
  const after =
    (gate: CloneGate | undefined): CloneGate =>
    async (write) => {
      await clock.sleep(callsUs);
      return gate?.(write);
    };
  return [
    [VIRTUAL_MACHINES, after(cloneGate)],
    [VMIS, after(undefined)],
  ];
}
