/** What a plan says of CDI's webhooks; the rates are those that the simulated ones come to. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from './harness.ts';
import { ROOT } from '../support/sources.ts';

const CLONES = join(ROOT, 'scenarios/clone-pvc-vs-snapshot.yaml');

async function admission(...sets: readonly string[]): Promise<string> {
  const { out } = await cli(['plan', CLONES, ...sets.flatMap((set) => ['--set', set])]);
  const [, text = ''] = /^Admission +([^]*?)^\w/m.exec(out) ?? [];
  return text.replace(/\s+/g, ' ').trim();
}

test('how long clones take to be let in, at the least', async () => {
  expect(await admission('steps.0.clone.count=100')).toBe(
    'at least 2.97 min for 200 clones: CDI 1.58 lets in 1/s from a PVC, 1.25/s from a snapshot',
  );
});

test('of which wave not all are let in in time', async () => {
  const many = ['steps.0.clone.count=100', 'steps.0.clone.wave.size=100'];
  expect(await admission(...many)).toContain('; of 100 DataVolumes at once not all are let in');
  expect(await admission(...many, 'steps.0.clone.wave.ramp=60s')).not.toContain('at once');
});

test('nothing where nothing is cloned', async () => {
  const { out } = await cli(['plan', join(ROOT, 'scenarios/lab-odf.yaml')]);
  expect(out).not.toContain('Admission');
});
