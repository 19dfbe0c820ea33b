import { describe, expect, test } from 'vitest';
import { GIB, MIB } from '../../../../src/core/bytes.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import { createRng } from '../../../../src/core/rng.ts';
import {
  type ParameterOverrides,
  resolveParameters,
} from '../../../../src/parameters/parameters.ts';
import { createRbdCluster, type RbdCluster } from '../../../../src/sim/hardware/rbd/cluster.ts';
import type { CsiOutcome } from '../../../../src/sim/hardware/storage/csi.ts';
import { createKernel, type Kernel } from '../../../../src/sim/kernel/kernel.ts';

const GOLDEN = { key: 'rhel9', dataBytes: 4377 * MIB, guest: undefined };
const SIZE = 22 * GIB;

interface Bench {
  readonly kernel: Kernel;
  readonly rbd: RbdCluster;
}

function bench(overrides: ParameterOverrides = {}): Bench {
  const kernel = createKernel();
  const parameters = resolveParameters({ ...overrides, rbd: { variation: 0, ...overrides.rbd } });
  return { kernel, rbd: createRbdCluster({ clock: kernel, rng: createRng(1), parameters }) };
}

function value<T>(outcome: CsiOutcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome.value;
}

async function golden({ rbd }: Bench): Promise<string> {
  const made = value(await rbd.csi.createVolume({ name: 'pvc-golden', sizeBytes: SIZE }));
  rbd.fill(made.handle, GOLDEN);
  return made.handle;
}

function clone({ rbd }: Bench, handle: string, name: string) {
  const source = { kind: 'volume', handle } as const;
  return rbd.csi.createVolume({ name, sizeBytes: SIZE, source });
}

describe('clone of a volume', () => {
  test('leaves one snapshot on the source and stores nothing', async () => {
    const b = bench();
    await b.kernel.run(async () => {
      const handle = await golden(b);
      const before = b.rbd.pool.storedBytes;
      const outcomes = await Promise.all([clone(b, handle, 'a'), clone(b, handle, 'b')]);
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
      expect(b.rbd.snapshotsOn(handle)).toBe(2);
      expect(b.rbd.pool.storedBytes).toBe(before);
      expect(b.rbd.contentOf(value(outcomes[0]).handle)).toBe(GOLDEN);
    });
  });

  test('takes about a second each, since every snapshot waits for its own Paxos round', async () => {
    const b = bench();
    await b.kernel.run(async () => {
      const handle = await golden(b);
      const startUs = b.kernel.nowUs();
      await Promise.all(Array.from({ length: 20 }, (_, i) => clone(b, handle, `c${i}`)));
      const eachUs = (b.kernel.nowUs() - startUs) / 20;
      expect(eachUs).toBeGreaterThan(0.95 * SECOND);
      expect(eachUs).toBeLessThan(1.15 * SECOND);
    });
  });

  test('asked for twice under one name is one volume', async () => {
    const b = bench();
    await b.kernel.run(async () => {
      const handle = await golden(b);
      const [first, second] = await Promise.all([clone(b, handle, 'a'), clone(b, handle, 'a')]);
      expect(second).toMatchObject({ ok: false, code: 'Aborted' });
      expect(value(await clone(b, handle, 'a'))).toBe(value(first));
    });
  });

  test('is refused above the hard limit, after a command for every snapshot', async () => {
    const b = bench({ rbd: { softSnapshots: 2, hardSnapshots: 3 } });
    await b.kernel.run(async () => {
      const handle = await golden(b);
      for (let i = 0; i < 4; i++) value(await clone(b, handle, `c${i}`));
      const answered = b.rbd.counters().managerCommands;
      const refused = await clone(b, handle, 'last');
      expect(refused).toMatchObject({ ok: false, code: 'ResourceExhausted' });
      expect(refused).toHaveProperty('message', expect.stringMatching(/^rbd image .* has 4 snap/));
      expect(b.rbd.counters()).toMatchObject({
        resourceExhausted: 1,
        managerCommands: answered + 4,
      });
    });
  });

  test('at the soft limit flattens nothing, and one snapshot more does', async () => {
    const b = bench({ rbd: { softSnapshots: 3, hardSnapshots: 100 } });
    await b.kernel.run(async () => {
      const handle = await golden(b);
      const commands = async (name: string) => {
        const before = b.rbd.counters().managerCommands;
        value(await clone(b, handle, name));
        return b.rbd.counters().managerCommands - before;
      };
      for (const name of ['a', 'b', 'c']) expect(await commands(name)).toBe(0);
      // Three snapshots are there: as many as may be.
      expect(await commands('d')).toBe(0);
      // Four are: of the newest of them, from the third on, the clones are flattened.
      expect(await commands('e')).toBe(2);
    });
  });

  test('is possible again once a flatten has freed a snapshot; the copy is stored', async () => {
    const b = bench({ rbd: { softSnapshots: 100, hardSnapshots: 1 } });
    await b.kernel.run(async () => {
      const handle = await golden(b);
      for (const name of ['a', 'b']) value(await clone(b, handle, name));
      const before = b.rbd.pool.storedBytes;
      expect((await clone(b, handle, 'c')).ok).toBe(false);
      const startUs = b.kernel.nowUs();
      while (b.rbd.snapshotsOn(handle) === 2) await b.kernel.sleep(1000);
      // 1,095 objects of data at 75 ms and 4,537 empty ones at 2 ms, ten at a time.
      expect((b.kernel.nowUs() - startUs) / SECOND).toBeCloseTo(9.12, 1);
      expect(b.rbd.pool.storedBytes - before).toBe(1095 * 4 * MIB);
      expect((await clone(b, handle, 'c')).ok).toBe(true);
    });
  });
});

describe('restore of a snapshot', () => {
  test('adds no snapshot, and fails while another restore of it is on the way', async () => {
    const b = bench();
    await b.kernel.run(async () => {
      const sourceHandle = await golden(b);
      const shot = value(await b.rbd.csi.createSnapshot({ name: 's', sourceHandle }));
      const snapshots = b.rbd.snapshotsOn(sourceHandle);
      const source = { kind: 'snapshot', handle: shot.handle } as const;
      const restore = (name: string) => b.rbd.csi.createVolume({ name, sizeBytes: SIZE, source });
      const [first, second] = await Promise.all([restore('a'), restore('b')]);
      expect(first.ok).toBe(true);
      expect(second).toMatchObject({ ok: false, code: 'Aborted' });
      expect((await restore('b')).ok).toBe(true);
      expect(b.rbd.snapshotsOn(sourceHandle)).toBe(snapshots);
      expect(b.rbd.counters().aborted).toBe(1);
    });
  });
});

describe('deletion', () => {
  test('gives everything back, through the manager, golden image last', async () => {
    const b = bench();
    await b.kernel.run(async () => {
      const handle = await golden(b);
      const made = value(await clone(b, handle, 'a'));
      b.rbd.wrote(made.handle, 46e6);
      value(await b.rbd.csi.deleteVolume(handle));
      await b.kernel.sleep(seconds(60));
      expect(b.rbd.pool.objects).toBeGreaterThan(1095);
      value(await b.rbd.csi.deleteVolume(made.handle));
      expect(b.rbd.counters().managerCommands).toBe(3);
      await b.kernel.sleep(seconds(60));
      expect(b.rbd.pool).toMatchObject({ storedBytes: 0, objects: 0 });
    });
  });
});

test('first writes of a guest copy objects up whole', async () => {
  const b = bench();
  await b.kernel.run(async () => {
    const made = value(await clone(b, await golden(b), 'a'));
    const before = b.rbd.pool.storedBytes;
    b.rbd.wrote(made.handle, 46e6);
    expect((b.rbd.pool.storedBytes - before) / (4 * MIB)).toBe(88);
  });
});
