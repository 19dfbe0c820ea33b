/** One wave of VMs that are started together over two seconds, as a benchmark would start them. */

import type { VirtualMachineInstance } from '../../src/api/compute.ts';
import { VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { SECOND, toSeconds } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { GUEST_PROFILES, type GuestProfileName } from '../../src/parameters/guests.ts';
import type { ParameterOverrides } from '../../src/parameters/parameters.ts';
import {
  ask,
  type ComputeCluster,
  hasCondition,
  vmObject,
  NAMESPACE,
  seedSucceeded,
  startComputeCluster,
} from './compute-cluster.ts';

export interface WaveSettings {
  readonly size: number;
  readonly profile: GuestProfileName;
  readonly seed: number;
  readonly overrides?: ParameterOverrides;
}

/** Seconds since the creation of the VMI, over the wave. */
export interface WaveTimes {
  readonly running: MeanAndLongest;
  readonly guestReady: MeanAndLongest;
  readonly nodes: number;
  readonly attachPatches: number;
  /** Commits on the server from the first start to the last guest. */
  readonly writes: number;
}

interface MeanAndLongest {
  readonly mean: number;
  readonly longest: number;
}

export async function bootWave(settings: WaveSettings): Promise<WaveTimes> {
  const { size, profile, seed } = settings;
  const cluster = startComputeCluster({
    seed,
    guestOf: () => GUEST_PROFILES[profile],
    ...(settings.overrides ? { overrides: settings.overrides } : {}),
  });
  const names = Array.from({ length: size }, (_, index) => `vm-${index}`);
  for (const name of names) seedSucceeded(cluster.server, NAMESPACE, `root-${name}`);
  const times = watchVmis(cluster, size);
  const writes = await cluster.clock.run(async () => {
    await cluster.controllers.ready;
    const tpm = profile === 'windows11';
    for (const name of names) {
      await cluster.client.create(VIRTUAL_MACHINES, vmObject(name, { tpm }));
    }
    await cluster.clock.sleep(30 * SECOND);
    const before = cluster.server.version;
    const spread = createRng(seed).fork('ramp');
    for (const name of names) {
      cluster.clock.schedule(spread.uniform(0, 2 * SECOND), () => void ask(cluster, name, 'start'));
    }
    await times.complete;
    return cluster.server.version - before;
  });
  return {
    running: summary(times.running),
    guestReady: summary(times.guestReady),
    nodes: times.nodes.size,
    attachPatches: cluster.controllers.counters.attachPatches,
    writes,
  };
}

function watchVmis({ server, clock }: ComputeCluster, size: number) {
  const created = new Map<string, number>();
  const running: number[] = [];
  const guestReady: number[] = [];
  const nodes = new Set<string>();
  let finish = () => {};
  const complete = new Promise<void>((resolve) => {
    finish = resolve;
  });
  server.onCommit(({ event, before }) => {
    if (event.object.kind !== 'VirtualMachineInstance') return;
    const now = event.object as VirtualMachineInstance;
    const { name } = now.metadata;
    if (!before) created.set(name, clock.nowUs());
    const age = toSeconds(clock.nowUs() - (created.get(name) ?? 0));
    const earlier = before as VirtualMachineInstance | undefined;
    if (now.status?.phase === 'Running' && earlier?.status?.phase !== 'Running') {
      running.push(age);
      nodes.add(now.status.nodeName ?? '');
    }
    if (hasCondition(now, 'AgentConnected') && !hasCondition(earlier, 'AgentConnected')) {
      guestReady.push(age);
      // On a timer of its own, so that whoever waits is woken by the clock.
      if (guestReady.length === size) clock.schedule(0, finish);
    }
  });
  return { running, guestReady, nodes, complete };
}

function summary(values: readonly number[]): MeanAndLongest {
  const sum = values.reduce((total, value) => total + value, 0);
  return { mean: sum / values.length, longest: Math.max(...values) };
}
