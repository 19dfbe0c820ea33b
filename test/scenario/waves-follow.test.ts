/** A count that is lowered on the command line makes no wave of the file wrong. */

import { expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';

const BASE = `
name: waves
storage: { class: fast }
images: { os: { import: { url: "http://images.example/os.qcow2" }, size: 4Gi } }
templates: { vm: { image: os, cpu: 1, memory: 1Gi } }
steps:
  - deploy: { template: vm, count: 20, wave: { size: 10 } }
  - boot: { template: vm, wave: { size: 5 } }
`;

function sizes(text: string, overrides: readonly string[]) {
  const readFile = () => ({ message: 'no files here', remedy: '' });
  const parsed = parseScenario(text, 'waves.yaml', { overrides, readFile });
  if ('problems' in parsed) return parsed.problems.map(({ message }) => message);
  return parsed.scenario.steps.flatMap((step) => ('waves' in step ? [step.waves.size] : []));
}

test('waves follow, also those of steps that act on what there is less of', () => {
  expect(sizes(BASE, [])).toEqual([10, 5]);
  expect(sizes(BASE, ['steps.0.deploy.count=3'])).toEqual([3, 3]);
  expect(sizes(BASE, ['steps.0.deploy.count=7'])).toEqual([7, 5]);
});

test('a size that is given too, or stands in a file with its count, is held to it', () => {
  const given = ['steps.0.deploy.count=3', 'steps.0.deploy.wave.size=4'];
  expect(sizes(BASE, given)).toContain('a wave of 4 is larger than the count of 3');
  expect(sizes(BASE.replace('count: 20', 'count: 3'), [])).toContain(
    'a wave of 10 is larger than the count of 3',
  );
});
