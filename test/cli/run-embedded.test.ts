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
  const readFile = () => {
    throw new Error('no file is named');
  };
  const parsed = parseScenario(text, 'foreign.yaml', { overrides: [], readFile });
  if (!('scenario' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  await expect(openTarget(parsed.scenario, { seed: 1 })).rejects.toThrow(
    'images.golden is taken from the pvc "golden"',
  );
});
