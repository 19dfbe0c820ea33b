import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { permissionsOf } from '../../src/cluster/permissions.ts';
import { parseAcknowledgements } from '../../src/compare/nightly/acknowledgements.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { scenarioHash } from '../../src/scenario/scenario-hash.ts';
import { cli } from '../cli/harness.ts';
import { installedKubectls, runKubectl } from '../support/kubectl.ts';
import { ROOT } from '../support/sources.ts';
import { startCluster } from '../support/served-cluster.ts';

const FOLDER = `${ROOT}/deploy/nightly`;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function text(file: string): string {
  return readFileSync(`${FOLDER}/${file}`, 'utf8');
}

describe('the nightly job', () => {
  test('may do what a run does', () => {
    const [, role] = parseAllDocuments(text('rbac.yaml')).map((document) => document.toJS());
    const rules = role.rules as readonly Rule[];
    const demand = { snapshotClass: 'any', startsBySubresource: true };
    for (const { verb, group, resource, subresource } of permissionsOf(demand)) {
      const name = subresource === undefined ? resource : `${resource}/${subresource}`;
      const isGranted = rules.some(
        ({ apiGroups, resources, verbs }) =>
          apiGroups.includes(group) && resources.includes(name) && verbs.includes(verb),
      );
      expect({ verb, group, name, isGranted }).toMatchObject({ isGranted: true });
    }
    expect(JSON.stringify(rules)).not.toContain('*');
  });

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

  const newest = installedKubectls().at(-1);

  test.skipIf(newest === undefined)('is taken by kubectl apply -k, twice', async () => {
    if (newest === undefined) return;
    const { kubeconfig, stop } = await startCluster();
    try {
      const first = await runKubectl(newest, kubeconfig, ['apply', '-k', FOLDER]);
      expect(first.err).toBe('');
      expect(first.out).toContain('cronjob.batch/bench-nightly created');
      const second = await runKubectl(newest, kubeconfig, ['apply', '-k', FOLDER]);
      expect(second.out.match(/ unchanged$/gm)).toHaveLength(8);
    } finally {
      await stop();
    }
  });
});
