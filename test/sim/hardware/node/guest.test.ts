import { describe, expect, test } from 'vitest';
import { seconds, toSeconds } from '../../../../src/core/duration.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { diskTimeUs } from '../../../../src/parameters/derived.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { createGuestBoots } from '../../../../src/sim/hardware/node/guest.ts';

const still = resolveParameters({ kubelet: { variation: 0 } });

describe('a guest boot', () => {
  test('reads and copies up at the bandwidth of one disk', () => {
    // (350 MB + 3 * 46 MB) / 400 MB/s
    expect(toSeconds(diskTimeUs(GUEST_PROFILES.rhel9, still.guestDisk))).toBeCloseTo(1.22, 6);
    // (1600 MB + 3 * 220 MB) / 400 MB/s
    expect(toSeconds(diskTimeUs(GUEST_PROFILES.windows11, still.guestDisk))).toBeCloseTo(5.65, 6);
  });

  test('without variation takes exactly its profile', () => {
    const boot = createGuestBoots(still, createRng(1))(GUEST_PROFILES.rhel9);
    expect(boot).toEqual({
      firmwareUs: seconds(1.2),
      kernelUs: seconds(2.6 + 1.22),
      servicesUs: seconds(1.4),
      listensUs: new Map([[22, seconds(0.4)]]),
    });
  });

  test('varies around its profile', () => {
    const draw = createGuestBoots(resolveParameters(), createRng(1));
    const totals = Array.from({ length: 2000 }, () => {
      const { firmwareUs, kernelUs, servicesUs } = draw(GUEST_PROFILES.windows11);
      return toSeconds(firmwareUs + kernelUs + servicesUs);
    });
    const mean = totals.reduce((sum, value) => sum + value, 0) / totals.length;
    expect(mean).toBeGreaterThan(34.3);
    expect(mean).toBeLessThan(35);
    expect(Math.max(...totals) - Math.min(...totals)).toBeGreaterThan(10);
  });

  test('one stage does not move another', () => {
    const slow = { ...GUEST_PROFILES.rhel9, firmwareUs: 0 };
    const plain = createGuestBoots(resolveParameters(), createRng(3));
    const changed = createGuestBoots(resolveParameters(), createRng(3));
    for (let i = 0; i < 5; i++) {
      expect(changed(slow).servicesUs).toBe(plain(GUEST_PROFILES.rhel9).servicesUs);
    }
  });
});
