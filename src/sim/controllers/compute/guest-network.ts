/**
 * Answers probes of guests by their addresses, as the cluster network would: refused where a guest
 * listens at no such port yet, and nothing at all where none is there, it has not booted, or its
 * node has no power. An address outlives its guest, so the pod that runs the instance now is the
 * only one that answers.
 */

import type { Pod } from '../../../api/compute.ts';
import { CONNECT_TIMEOUT_US, type Probe, type ProbeAnswer } from '../../../api/probe.ts';
import { PODS, VMIS } from '../../../api/resources.ts';
import { GUEST_ROUND_TRIP_US } from '../../../parameters/guests.ts';
import type { Hypervisor } from '../../hardware/node/hypervisor.ts';
import { findController } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';
import type { LauncherPods } from './launcher-pods.ts';
import type { NodePower } from './node-power.ts';

export interface GuestNetworkParts {
  readonly lab: ComputeLab;
  readonly hypervisor: Pick<Hypervisor, 'domain'>;
  readonly launchers: LauncherPods;
  readonly power: Pick<NodePower, 'isDown'>;
}

/** To be created before the informers begin. */
export function createGuestNetwork(parts: GuestNetworkParts): Probe {
  const { clock } = parts.lab;
  const holders = indexAddresses(parts.lab);
  return async (target, signal) => {
    const { address, port } = target.by === 'tcp' ? target : placeOf(target.url);
    await clock.sleep(GUEST_ROUND_TRIP_US / 2, { signal });
    const answer = ask(parts, holders.get(address), address, port);
    if (answer === undefined) {
      await clock.sleep(CONNECT_TIMEOUT_US - GUEST_ROUND_TRIP_US / 2, { signal });
      return { answered: false, why: `port ${port}: no answer` };
    }
    await clock.sleep(GUEST_ROUND_TRIP_US / 2, { signal });
    return answer;
  };
}

/** Undefined where nobody says anything. */
function ask(
  { lab, hypervisor, launchers, power }: GuestNetworkParts,
  vmiUid: string | undefined,
  address: string,
  port: number,
): ProbeAnswer | undefined {
  const pod = vmiUid === undefined ? undefined : launchers.of(vmiUid);
  if (pod?.status?.podIP !== address || power.isDown(pod.spec.nodeName ?? '')) return undefined;
  const { state, booted } = hypervisor.domain(vmiUid ?? '') ?? { state: 'off' };
  if (booted === undefined || state === 'paused' || state === 'off') return undefined;
  const afterUs = booted.listensUs.get(port);
  const isOpen = afterUs !== undefined && lab.clock.nowUs() >= booted.atUs + afterUs;
  if (isOpen && state === 'running') return { answered: true };
  return { answered: false, why: `port ${port}: connection refused` };
}

function placeOf(url: string): { readonly address: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return { address: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) };
}

/** UIDs of instances by the address of the pod that was given it last. */
function indexAddresses(lab: ComputeLab): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  const read = (pod: Pod | undefined) => ({
    address: pod?.status?.podIP,
    vmi: pod && findController(pod, VMIS.kind)?.uid,
  });
  lab.informer(PODS).onChange((now, before) => {
    const { address, vmi } = read(now ?? before);
    if (address === undefined || vmi === undefined) return;
    if (now) holders.set(address, vmi);
    else if (holders.get(address) === vmi) holders.delete(address);
  });
  return holders;
}
