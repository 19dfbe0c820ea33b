/**
 * How long each step on a node takes. Every step has its own random stream, so a change in one
 * moves no other. A node has one or two starting VMs in a wave, so no step queues for another.
 */

import type { Rng } from '../../../core/rng.ts';
import type { Parameters } from '../../../parameters/parameters.ts';

/** Draws one service time in microseconds each. */
export interface ServiceTimes {
  /** NodeStage and NodePublish of one block volume. */
  map(): number;
  sandbox(): number;
  launcher(): number;
  handlerSync(): number;
  /** Define and start of the domain, with the set-up of swtpm where it has a TPM. */
  domainStart(hasTpm: boolean): number;
  /** From ACPI power button to power off. */
  shutdown(): number;
  /** One volume is mounted into a launcher, or plugged into a guest. */
  hotplug(): number;
  /** Unmap and removal of the sandbox. */
  podStop(): number;
}

export function createServiceTimes(parameters: Parameters, rng: Rng): ServiceTimes {
  const { kubelet, virtHandler } = parameters;
  const draw = (name: string, meanUs: number) => {
    const stream = rng.fork(name);
    return () => Math.round(stream.gamma(meanUs, kubelet.variation));
  };
  const qemu = draw('qemu', virtHandler.qemuTimeUs);
  const tpm = draw('tpm', virtHandler.tpmTimeUs);
  return {
    map: draw('map', kubelet.mapTimeUs),
    sandbox: draw('sandbox', kubelet.sandboxTimeUs),
    launcher: draw('launcher', kubelet.launcherTimeUs),
    handlerSync: draw('handlerSync', virtHandler.syncTimeUs),
    domainStart: (hasTpm) => (hasTpm ? qemu() + tpm() : qemu()),
    shutdown: draw('shutdown', virtHandler.shutdownTimeUs),
    hotplug: draw('hotplug', virtHandler.hotplugTimeUs),
    podStop: draw('podStop', kubelet.stopTimeUs),
  };
}
