/** The command line on the embedded cluster itself. */

import { expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

test('an image of something that the embedded cluster does not have is refused', async () => {
  const text = `
name: foreign
storage: { class: rbd, snapshotClass: rbd-snap }
images: { golden: { from: { pvc: { namespace: default, name: golden } }, size: 22Gi } }
steps: [{ clone: { image: golden, sources: [pvc], count: 1 } }]
`;
  const parsed = parseScenario(text, 'foreign.yaml', { overrides: [], readFile: never });
  if (!('scenario' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  await expect(openTarget(parsed.scenario, { seed: 1 })).rejects.toThrow(
    'images.golden is taken from the pvc "golden"',
  );
});

test('an image of which the scenario does not say what it holds is taken for one aloud', async () => {
  const text = (simulation: string) => `
name: web
storage: { class: rbd, snapshotClass: rbd-snap }
images: { web: { import: { url: "http://images.example/web" }, size: 22Gi } }
steps: [{ clone: { image: web, sources: [pvc], count: 1 } }]
${simulation}`;
  const described = async (simulation: string, ...overrides: readonly string[]) => {
    const parsed = parseScenario(text(simulation), 'web.yaml', { overrides, readFile: never });
    if (!('scenario' in parsed)) throw new Error(JSON.stringify(parsed.problems));
    return (await openTarget(parsed.scenario, { seed: 1 })).description;
  };
  expect(await described('')).toContain(
    'simulation.images says nothing of image web: it is taken for RHEL 9 with 4.3 GiB of data',
  );
  expect(await described('simulation: { images: { web: { guest: none } } }')).not.toContain('web');
  const played = 'storage class nfs is simulated as Ceph RBD';
  expect(await described('', 'storage.class=nfs')).toContain(played);
  expect(await described('')).not.toContain('storage class');
});

function never(): never {
  throw new Error('no file is named');
}
