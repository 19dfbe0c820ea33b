/**
 * What a guest does between power-on and ready. Input and output are those of its image's profile
 * at the bandwidth of one virtual disk; the pool is far from its limits in a wave of 100.
 */

import type { Rng } from '../../../core/rng.ts';
import { diskTimeUs } from '../../../parameters/derived.ts';
import type { GuestProfile } from '../../../parameters/guests.ts';
import type { Parameters } from '../../../parameters/parameters.ts';

/** Microseconds of each stage of one boot. */
export interface GuestBoot {
  readonly firmwareUs: number;
  /** Boot loader and kernel: computing, then reading and writing the disk. */
  readonly kernelUs: number;
  readonly servicesUs: number;
  /** From then on, by port. */
  readonly listensUs: ReadonlyMap<number, number>;
}

/** Draws the boots of guests; the disk's part is a rate and does not vary. */
export function createGuestBoots(
  parameters: Parameters,
  rng: Rng,
): (profile: GuestProfile) => GuestBoot {
  const cv = parameters.kubelet.variation;
  const streams = {
    firmware: rng.fork('firmware'),
    kernel: rng.fork('kernel'),
    services: rng.fork('services'),
    listeners: rng.fork('listeners'),
  };
  return (profile) => ({
    firmwareUs: Math.round(streams.firmware.gamma(profile.firmwareUs, cv)),
    kernelUs: Math.round(
      streams.kernel.gamma(profile.cpuUs, cv) + diskTimeUs(profile, parameters.guestDisk),
    ),
    servicesUs: Math.round(streams.services.gamma(profile.servicesUs, cv)),
    listensUs: new Map(
      profile.listens?.map(({ port, afterUs }) => [
        port,
        afterUs === 0 ? 0 : Math.round(streams.listeners.gamma(afterUs, cv)),
      ]),
    ),
  });
}
