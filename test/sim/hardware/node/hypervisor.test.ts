import { describe, expect, test } from 'vitest';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { createHypervisor } from '../../../../src/sim/hardware/node/hypervisor.ts';
import { createKernel } from '../../../../src/sim/kernel/kernel.ts';

const WITH_GUEST = { hasTpm: false, bootVolumeHandle: 'root', neverBoots: false };

function setUp() {
  const clock = createKernel();
  const parameters = resolveParameters({ kubelet: { variation: 0 } });
  const seen: string[] = [];
  const written: number[] = [];
  const hypervisor = createHypervisor({
    clock,
    rng: createRng(1),
    parameters,
    contents: {
      contentOf: (handle) => ({
        key: handle,
        dataBytes: 0,
        guest: handle === 'root' ? GUEST_PROFILES.rhel9 : undefined,
      }),
      wrote: (_handle, bytes) => written.push(bytes),
    },
    onChange: (uid) => {
      const domain = hypervisor.domain(uid);
      seen.push(`${clock.nowUs() / SECOND} ${domain?.state} ${domain?.agent}`);
    },
  });
  return { clock, hypervisor, seen, written };
}

describe('a domain', () => {
  test('runs after sync and start, and is ready when its guest is', async () => {
    const { clock, hypervisor, seen, written } = setUp();
    hypervisor.start('a', WITH_GUEST);
    await clock.run(() => clock.sleep(seconds(60)));
    // 0.5 + 1.2; then firmware 1.2, kernel 2.6 + 1.22, services 1.4
    expect(seen).toEqual(['1.7 running false', '8.12 running true']);
    expect(written).toEqual([46e6]);
    expect(hypervisor.domain('a')?.osName).toBe('Red Hat Enterprise Linux');
  });

  test('with a TPM takes the time to set it up', async () => {
    const { clock, hypervisor, seen } = setUp();
    hypervisor.start('a', { ...WITH_GUEST, hasTpm: true });
    await clock.run(() => clock.sleep(seconds(60)));
    expect(seen[0]).toBe('2.9 running false');
  });

  test.each([
    ['a disk without a guest', { ...WITH_GUEST, bootVolumeHandle: 'data' }],
    ['no disk', { ...WITH_GUEST, bootVolumeHandle: undefined }],
    ['a guest that never boots', { ...WITH_GUEST, neverBoots: true }],
  ])('with %s runs and is never ready', async (_what, request) => {
    const { clock, hypervisor, seen, written } = setUp();
    hypervisor.start('a', request);
    await clock.run(() => clock.sleep(seconds(600)));
    expect(seen).toEqual(['1.7 running false']);
    expect(written).toEqual([]);
  });

  test('shuts down when its guest can, and is killed when it cannot', async () => {
    const { clock, hypervisor, seen } = setUp();
    hypervisor.start('a', WITH_GUEST);
    hypervisor.start('b', { ...WITH_GUEST, bootVolumeHandle: undefined });
    await clock.run(async () => {
      await clock.sleep(seconds(20));
      hypervisor.shutdown('a', seconds(30));
      hypervisor.shutdown('b', seconds(30));
      await clock.sleep(seconds(60));
    });
    expect(seen.slice(-2)).toEqual(['24 off false', '50 off false']);
    expect(hypervisor.domain('a')?.ending).toBe('shutdown');
    expect(hypervisor.domain('b')?.ending).toBe('destroyed');
  });

  test('that is destroyed before it runs tells nothing later', async () => {
    const { clock, hypervisor, seen } = setUp();
    hypervisor.start('a', WITH_GUEST);
    hypervisor.destroy('a');
    await clock.run(() => clock.sleep(seconds(60)));
    expect(seen).toEqual(['0 off false']);
    hypervisor.forget('a');
    expect(hypervisor.domain('a')).toBeUndefined();
  });

  test('that is adopted runs at once and does not boot again', async () => {
    const { clock, hypervisor, seen, written } = setUp();
    hypervisor.adopt('a', WITH_GUEST, true);
    expect(hypervisor.domain('a')).toMatchObject({ state: 'running', agent: true });
    await clock.run(() => clock.sleep(seconds(60)));
    expect(seen).toEqual([]);
    expect(written).toEqual([]);
  });

  test('pauses and goes on', () => {
    const { hypervisor, seen } = setUp();
    hypervisor.adopt('a', WITH_GUEST, true);
    hypervisor.pause('a');
    hypervisor.pause('a');
    hypervisor.unpause('a');
    expect(seen).toEqual(['0 paused true', '0 running true']);
  });

  test('that is halted does nothing more', async () => {
    const { clock, hypervisor, seen } = setUp();
    hypervisor.start('a', WITH_GUEST);
    hypervisor.halt();
    await clock.run(() => clock.sleep(seconds(60)));
    expect(seen).toEqual([]);
    expect(hypervisor.domain('a')).toBeUndefined();
  });
});
