/** What runs on every node: kubelet and virt-handler over the node's hardware. */

import type { Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import { VMIS } from '../../../api/resources.ts';
import type { Transport } from '../../../api/transport.ts';
import type { VolumeContents } from '../../hardware/storage/content.ts';
import { createHypervisor, type Hypervisor } from '../../hardware/node/hypervisor.ts';
import type { Programs } from '../../hardware/node/programs.ts';
import { createServiceTimes } from '../../hardware/node/service-times.ts';
import type { StatusPhases } from '../../hardware/node/status-phase.ts';
import { startHeartbeats } from './heartbeats.ts';
import { type Kubelets, startKubelets } from './kubelet.ts';
import { startKubeletVolumes } from './kubelet-volumes.ts';
import type { ComputeLab } from './lab.ts';
import type { LauncherPods } from './launcher-pods.ts';
import { startMigrationHandlers } from './migration-handler.ts';
import { createNodeClocks } from './node-clocks.ts';
import type { NodePower } from './node-power.ts';
import type { PodVolumes } from './pod-volumes.ts';
import { startVirtHandlers, type VirtHandlers } from './virt-handler.ts';

export interface NodeAgentParts {
  readonly lab: ComputeLab;
  readonly contents: VolumeContents;
  readonly launchers: LauncherPods;
  readonly podVolumes: PodVolumes;
  readonly power: NodePower;
  readonly phases: StatusPhases;
  readonly heartbeats: boolean;
  readonly leaderLeases: boolean;
  readonly clockSkewUs: ((node: string) => number) | undefined;
  readonly neverBoots: (vmi: VirtualMachineInstance) => boolean;
  readonly handlerTransport: (node: string) => Transport;
  readonly pullUs?: ((pod: Pod) => number) | undefined;
  readonly programs: Programs;
}

/** Starts them all; the hypervisor is what virt-api reaches through virt-handler. */
export function startNodeAgents(parts: NodeAgentParts): Hypervisor {
  const { lab, contents, launchers, podVolumes, power, neverBoots, handlerTransport } = parts;
  const { clock, parameters } = lab;
  const clocks = createNodeClocks(clock, parts.clockSkewUs);
  const { phases } = parts;
  const times = createServiceTimes(parameters, lab.rng.fork('kubelet'));
  const agents: { kubelets?: Kubelets; handlers?: VirtHandlers } = {};
  const hypervisor = createHypervisor({
    clock,
    rng: lab.rng,
    parameters,
    contents,
    onChange(vmiUid) {
      agents.handlers?.domainChanged(vmiUid);
      agents.kubelets?.domainChanged(vmiUid);
    },
  });
  const volumes = startKubeletVolumes({ lab, phases, times, power });
  const shared = { lab, clocks, hypervisor, launchers, podVolumes, power };
  const { pullUs, programs } = parts;
  agents.kubelets = startKubelets({ ...shared, times, volumes, pullUs, programs });
  agents.handlers = startVirtHandlers({ ...shared, neverBoots, handlerTransport });
  startMigrationHandlers({
    lab,
    clocks,
    times: createServiceTimes(parameters, lab.rng.fork('migration')),
    power,
    onMoved: (vmiUid, from) => agents.kubelets?.domainLeft(vmiUid, from),
  });
  const { leaderLeases } = parts;
  if (parts.heartbeats) startHeartbeats({ lab, clocks, phases, power, leaderLeases });
  const vmis = lab.informer(VMIS);
  power.onChange((node, down) => {
    if (!down) return;
    for (const { metadata, status } of vmis.values()) {
      if (status?.nodeName === node) hypervisor.destroy(metadata.uid ?? '');
    }
  });
  return hypervisor;
}
