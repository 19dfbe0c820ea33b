/** One VM's life on the simulator beside the one that was recorded on KubeVirt 1.1.1 and on its head. */

import { beforeAll, describe, expect, test } from 'vitest';
import { RELEASES, type Release } from '../../../../src/parameters/release.ts';
import {
  isUp,
  type Life,
  type LifeKind,
  runLife,
  withoutManagers,
} from '../../../support/fidelity/kubevirt-life.ts';
import { compareLife, RECORDED } from '../../../support/fidelity/kubevirt-rows.ts';
import { isWithin } from '../../../support/fidelity/table.ts';

/**
 * What differs from one cluster and one VM to the next; the handler of the recording knew no guest,
 * and pods count their generations from Kubernetes 1.33 on.
 */
const OF_THE_RUN =
  /serial|resourceVersion|eneration|[tT]ime|startedAt|nodeName|IP|\bip|machine\.type|guestOSInfo/;

/** Beside KubeVirt 1.1.1 there was no CDIConfig, which says that blocks need no room for files. */
const WITHOUT_CDI = /filesystemOverhead/;

/** In paths and values: what a cluster draws for itself; launchers draw their timeout for qemu. */
const DRAWN =
  /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?<=virt-launcher-one-1-)\w{5}|\b\d{3}s\b|worker-\d+|(?<=virt-launcher:)\S+/g;

describe.each(RELEASES)('%s', (release) => {
  let life: Life;
  beforeAll(async () => {
    life = await runLife(release);
  }, 60_000);

  test('as many watch events as recorded, and as large', async () => {
    const rows = await compareLife(release);
    const far = rows.filter((row) => !isWithin(row)).map(({ what }) => what);
    expect(far).toEqual([]);
  });

  test.each(['VirtualMachine', 'VirtualMachineInstance', 'Pod'] as const)(
    'field by field while it runs: %s',
    (kind) => {
      const real = comparable(RECORDED[release].whileItRuns[kind], release);
      const simulated = comparable(whileItRuns(life, kind), release);
      const missing = [...real.keys()].filter((path) => !simulated.has(path));
      const invented = [...simulated.keys()].filter((path) => !real.has(path));
      const different = [...real].filter(
        ([path, value]) => simulated.has(path) && simulated.get(path) !== value,
      );
      expect({ missing, invented, different }).toEqual({
        missing: [],
        invented: [],
        different: [],
      });
    },
  );
});

function whileItRuns(life: Life, kind: LifeKind): object {
  const settled = life.events.filter(
    (event) => event.kind === kind && !event.object.metadata.deletionTimestamp && isUp(event),
  );
  const last = settled.at(-1);
  return last ? withoutManagers(last.object) : {};
}

function comparable(object: object, release: Release): ReadonlyMap<string, unknown> {
  const fields = [...flatten(object)].filter(
    ([path]) => !OF_THE_RUN.test(path) && !(release === 'ocp-4.15' && WITHOUT_CDI.test(path)),
  );
  const masked = (value: unknown) =>
    typeof value === 'string' ? value.replace(DRAWN, '*') : value;
  return new Map(fields.map(([path, value]) => [String(masked(path)), masked(value)]));
}

function flatten(value: unknown, path = '', into = new Map<string, unknown>()) {
  if (value === null || typeof value !== 'object') return into.set(path, value);
  const entries = Array.isArray(value)
    ? value.map((item, i) => [`[${nameOf(item) ?? i}]`, item] as const)
    : Object.entries(value);
  if (entries.length === 0) into.set(path, Array.isArray(value) ? '[]' : '{}');
  for (const [key, item] of entries) flatten(item, path ? `${path}.${key}` : key, into);
  return into;
}

function nameOf(item: unknown): string | undefined {
  const { type, name, phase } = (item ?? {}) as Partial<Record<string, string>>;
  return type ?? name ?? phase;
}
