import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseAcknowledgements } from '../../src/compare/nightly/acknowledgements.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { scenarioHash } from '../../src/scenario/scenario-hash.ts';
import { cli } from '../cli/harness.ts';
import { ROOT } from '../support/sources.ts';

const FOLDER = `${ROOT}/deploy/nightly`;

function text(file: string): string {
  return readFileSync(`${FOLDER}/${file}`, 'utf8');
}

describe('the nightly job', () => {
  test('runs a scenario that measures what the one of the repository does', () => {
    const own = loadScenario(`${FOLDER}/scenario/nightly.yaml`, []);
    const shipped = loadScenario(`${ROOT}/scenarios/nightly.yaml`, []);
    if (!('scenario' in own) || !('scenario' in shipped)) throw new Error('does not load');
    expect(scenarioHash(own.scenario)).toBe(scenarioHash(shipped.scenario));
  });

  test('gives bench arguments that it takes', async () => {
    const job = parse(text('cronjob.yaml'));
    const [container] = job.spec.jobTemplate.spec.template.spec.containers;
    const args = (container.args as readonly string[])
      .map((arg) => arg.replace('/scenario/', `${FOLDER}/scenario/`))
      .map((arg) => arg.replace('/acknowledged/', `${FOLDER}/`))
      .map((arg) => arg.replace('=/data/nights', `=${FOLDER}`));
    const { code, err } = await cli(args);
    expect(code).toBe(64);
    // All is well up to the point where there is no pod around it.
    expect(err).toMatch(/serviceaccount|inside a pod/);
  });

  test('starts without acknowledged changes', () => {
    expect(parseAcknowledgements(text('acknowledged.yaml'))).toEqual({
      kind: 'acknowledgements',
      entries: [],
    });
  });
});
