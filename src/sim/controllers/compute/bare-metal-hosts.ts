/**
 * The servers under the nodes, with their power switch as Metal3's BareMetalHosts show it
 * (baremetal-operator: `spec.online`, and the annotations `reboot.metal3.io` and
 * `reboot.metal3.io/KEY`). Switching off cuts the power, whatever mode was asked for; what comes
 * back has to boot before anything speaks on it.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { Rng } from '../../../core/rng.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import { forgiving } from '../chassis/forgiving.ts';
import type { Chassis } from '../chassis/chassis.ts';
import type { NodePower } from './node-power.ts';

interface BareMetalHost extends KubeObject {
  readonly spec: { readonly online?: boolean };
  readonly status?: { readonly poweredOn?: boolean; readonly operationalStatus?: string };
}

const BARE_METAL_HOSTS: Resource<BareMetalHost> = {
  group: 'metal3.io',
  version: 'v1alpha1',
  plural: 'baremetalhosts',
  kind: 'BareMetalHost',
  namespaced: true,
};

export const HOSTS_NAMESPACE = 'openshift-machine-api';

/** Switched on, of its node's name. */
export function bareMetalHost(name: string, uid: string): BareMetalHost {
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: BARE_METAL_HOSTS.kind,
    metadata: { name, namespace: HOSTS_NAMESPACE, uid },
    spec: { online: true },
    status: { poweredOn: true, operationalStatus: 'OK' },
  };
}

interface HostParts {
  readonly lab: Chassis;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly power: Pick<NodePower, 'fail' | 'recover'>;
  readonly counters: { powerLosses: number };
}

interface HostRoom extends HostParts {
  readonly client: KubeClient;
  /** What calls off the boot that is under way, of hosts whose power has been cut. */
  readonly off: Map<string, () => void>;
}

const REBOOT = 'reboot.metal3.io';

export function startBareMetalHosts(parts: HostParts): void {
  const { lab } = parts;
  const room: HostRoom = {
    ...parts,
    client: lab.client({ component: 'baremetal-operator' }),
    off: new Map(),
  };
  const hosts = lab.informer(BARE_METAL_HOSTS);
  const controller = lab.controller({
    name: 'baremetal-operator',
    workers: 8,
    reconcile: async (key) => {
      const host = hosts.get(HOSTS_NAMESPACE, key);
      if (host) await settle(room, host);
      return undefined;
    },
  });
  hosts.onChange((now) => {
    if (now?.metadata.namespace === HOSTS_NAMESPACE) controller.enqueue(now.metadata.name);
  });
}

async function settle(room: HostRoom, host: BareMetalHost): Promise<void> {
  const { name, annotations = {} } = host.metadata;
  const isHeld = Object.keys(annotations).some((key) => key.startsWith(`${REBOOT}/`));
  const isCycled = annotations[REBOOT] !== undefined;
  const wantsPower = host.spec.online !== false && !isHeld;
  if (isCycled || !wantsPower) cut(room, name);
  if (isCycled) {
    const patch = { metadata: { annotations: { [REBOOT]: null } } };
    await forgiving(room.client.patch(BARE_METAL_HOSTS, host.metadata, patch));
  } else if (wantsPower) switchOn(room, name);
  if (host.status?.poweredOn === wantsPower) return;
  const patch = { status: { poweredOn: wantsPower } };
  await forgiving(
    room.client.patch(BARE_METAL_HOSTS, host.metadata, patch, { subresource: 'status' }),
  );
}

function cut({ off, power, counters }: HostRoom, name: string): void {
  const callOff = off.get(name);
  if (callOff === undefined) counters.powerLosses += 1;
  callOff?.();
  off.set(name, BOOTS_NOT);
  power.fail(name);
}

const BOOTS_NOT = () => {};

function switchOn({ off, power, lab, rng, parameters, counters }: HostRoom, name: string): void {
  if (off.get(name) !== BOOTS_NOT) return;
  const { bootTimeUs, variation } = parameters.hosts;
  const bootUs = rng.fork(`${name} ${counters.powerLosses}`).gamma(bootTimeUs, variation);
  const cancel = lab.clock.schedule(Math.round(bootUs), () => {
    off.delete(name);
    power.recover(name);
  });
  off.set(name, cancel);
}
