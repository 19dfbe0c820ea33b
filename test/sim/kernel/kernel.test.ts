import { describe, expect, test } from 'vitest';
import { BrokenInvariant } from '../../../src/core/assert.ts';
import { HOUR, SECOND } from '../../../src/core/duration.ts';
import { UsageError } from '../../../src/core/usage-error.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';

describe('virtual time', () => {
  test('a sleep of hours takes no time and ends exactly when due', async () => {
    const kernel = createKernel();
    const woken = await kernel.run(async () => {
      await kernel.sleep(8 * HOUR);
      return kernel.nowUs();
    });
    expect(woken).toBe(8 * HOUR);
    expect(kernel.wallUs() - kernel.nowUs()).toBe(1_717_200_000 * 1e6);
  });

  test('ends in words where microseconds are no longer exact', async () => {
    const kernel = createKernel();
    const asleep = kernel.run(() => kernel.sleep(300 * 365 * 24 * HOUR));
    await expect(asleep).rejects.toThrow(UsageError);
    await expect(asleep).rejects.toThrow(/beyond the year 2255/);
  });

  test('ties fire in the order in which they were asked for', async () => {
    const kernel = createKernel();
    const order: string[] = [];
    await kernel.run(async () => {
      kernel.schedule(SECOND, () => order.push('a'));
      kernel.schedule(SECOND, () => order.push('b'));
      kernel.scheduleQuiet(SECOND, () => order.push('c'));
      await kernel.sleep(SECOND);
    });
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('time stands still while promises settle', async () => {
    const kernel = createKernel();
    const seen: number[] = [];
    const chain = async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push(kernel.nowUs());
    };
    await kernel.run(async () => {
      kernel.schedule(SECOND, () => void chain());
      kernel.schedule(SECOND + 1, () => seen.push(kernel.nowUs()));
      await kernel.sleep(2 * SECOND);
    });
    expect(seen).toEqual([SECOND, SECOND + 1]);
  });

  test('a cancelled timer never fires and keeps nothing going', async () => {
    const kernel = createKernel();
    let fired = false;
    await kernel.run(async () => {
      const cancel = kernel.schedule(SECOND, () => {
        fired = true;
      });
      cancel();
      cancel();
      await kernel.sleep(2 * SECOND);
    });
    expect(fired).toBe(false);
  });

  test('an aborted sleep ends at once', async () => {
    const kernel = createKernel();
    const abort = new AbortController();
    const endedUs = await kernel.run(async () => {
      kernel.schedule(SECOND, () => abort.abort());
      await kernel.sleep(HOUR, { signal: abort.signal });
      return kernel.nowUs();
    });
    expect(endedUs).toBe(SECOND);
  });

  test('a failure of the run is its outcome', async () => {
    const kernel = createKernel();
    const failing = kernel.run(async () => {
      await kernel.sleep(SECOND);
      throw new Error('no disk');
    });
    await expect(failing).rejects.toThrow('no disk');
  });

  test('a run that waits for nothing in the queue is named, not left hanging', async () => {
    const kernel = createKernel();
    const beat = () => {
      kernel.schedule(10 * SECOND, beat, { kind: 'background' });
    };
    beat();
    const stuck = kernel.run(
      () => new Promise(() => {}),
      () => 'wave 3: 12 VMs',
    );
    await expect(stuck).rejects.toThrow(BrokenInvariant);
    await expect(stuck).rejects.toThrow('wave 3: 12 VMs');
  });

  test('a defect in a timer ends the run instead of being retried in silence', async () => {
    const kernel = createKernel();
    const crashing = kernel.run(async () => {
      kernel.schedule(SECOND, () => kernel.crash(new Error('bad controller')));
      await kernel.sleep(HOUR);
    });
    await expect(crashing).rejects.toThrow('bad controller');
  });

  test('background timers fire while foreground ones keep time going', async () => {
    const kernel = createKernel();
    let beats = 0;
    const beat = () => {
      beats += 1;
      kernel.schedule(10 * SECOND, beat, { kind: 'background' });
    };
    beat();
    await kernel.run(() => kernel.sleep(60 * SECOND));
    expect(beats).toBe(7);
  });
});
