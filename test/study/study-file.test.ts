/** study.yaml: what is wrong with one is told at its place, and what decides is in the digest. */

import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFile } from '../../src/cli/opened-study.ts';
import { formatProblem } from '../../src/scenario/problem.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { ROOT } from '../support/sources.ts';

const SUPPORT = join(ROOT, 'test/support');

/** A folder with a scenario, the template that it names, and a study of it. */
function written(study: string): string {
  const folder = temporaryFolder();
  const scenario = readFileSync(join(SUPPORT, 'tiny.yaml'), 'utf8');
  copyFileSync(join(ROOT, 'scenarios/templates/rhel9.yaml'), join(folder, 'vm.yaml'));
  writeFileSync(
    join(folder, 'tiny.yaml'),
    scenario.replace('../../scenarios/templates/rhel9.yaml', 'vm.yaml'),
  );
  writeFileSync(join(folder, 'study.yaml'), study);
  return join(folder, 'study.yaml');
}

function problemsOf(study: string): readonly string[] {
  const file = written(study);
  const opened = openFile(file, { results: 'results', studyId: undefined });
  if (!('problems' in opened)) return [];
  return opened.problems.map((problem) => formatProblem(problem).replace(file, 'study.yaml'));
}

function opened(file: string) {
  const found = openFile(file, { results: 'results', studyId: undefined });
  if ('problems' in found) throw new Error(found.problems.map(formatProblem).join('\n'));
  return found.study;
}

const FLEET = `
scenario: tiny.yaml
vary: { steps.2.boot.wave.size: [1, 2] }
repeat: 3
targets:
  - { name: paris, kubeconfig: clusters/paris, context: admin }
  - { name: here, embedded: true }
  - { name: there, embedded: true, set: { simulation.attacher.qps: 10 } }
`;

describe('a study file', () => {
  test('is points on clusters, repeated, each cluster with seeds of its own', () => {
    const file = written(FLEET);
    const { asked, seeds, course, id } = opened(file);
    expect(asked.clusters[0]?.connection).toEqual({
      kubeconfig: join(file, '../clusters/paris'),
      context: 'admin',
    });
    expect(seeds).toEqual([1, 4, 7]);
    const runs = course.next([]).map(({ run }) => run);
    expect(runs).toHaveLength(18);
    expect(runs.slice(0, 4)).toEqual([
      // Nobody else's run on the same cluster has that name.
      `${id}-paris-p1-r1`,
      `${id}-paris-p1-r2`,
      `${id}-paris-p1-r3`,
      'here-p1-r1',
    ]);
  });

  test.each([
    ['scenaro: x', 'study.yaml:1:1 scenaro: unknown field'],
    ['scenario: none.yaml', 'study.yaml:1:11 scenario: '],
    ['scenario: tiny.yaml\nvary: { steps.9.boot.wave.size: [1] }', 'study.yaml:2:34: has no item'],
    ['scenario: tiny.yaml\nvary: { steps.2.boot.wave.size: [1, 1] }', 'is there twice'],
    ['scenario: tiny.yaml\nvary: { steps.2.boot.wave.size: 1..4 }', 'say until as well'],
    ['scenario: tiny.yaml\nuntil: guestReady.p95<=60s', 'study.yaml:2:8 until: until searches'],
    ['scenario: tiny.yaml\nset: { steps.2.boot.wave.size: 0 }', 'study.yaml:2:32 steps.2'],
    ['scenario: tiny.yaml\ntargets: [{ name: a }]', 'study.yaml:2:11 targets.0: which cluster'],
    [
      'scenario: tiny.yaml\ntargets: [{ name: a, embedded: true, context: c }]',
      'which cluster a is cannot be told',
    ],
    [
      'scenario: tiny.yaml\ntargets: [{ name: a, embedded: true }, { name: a, embedded: true }]',
      'study.yaml:2:48 targets.1.name: a is there twice',
    ],
    [
      'scenario: tiny.yaml\nrepeat: 2\ntargets:\n  - { name: a, embedded: true }\n' +
        '  - { name: b, embedded: true, seed: 2 }',
      'study.yaml:5:38: its seeds 2-3 are partly those of a',
    ],
  ])('%s', (study, says) => {
    expect(problemsOf(study).join('\n')).toContain(says);
  });

  test('is another question where a template that the scenario names has changed', () => {
    const file = written(FLEET);
    const before = opened(file).question;
    expect(opened(file).question).toBe(before);
    const template = join(file, '../vm.yaml');
    appendFileSync(template, '\n# A comment changes nothing that is measured.\n');
    expect(opened(file).question).toBe(before);
    const text = readFileSync(template, 'utf8');
    writeFileSync(template, text.replace(/guest: \S+/, 'guest: 3Gi'));
    expect(opened(file).question).not.toBe(before);
  });

  test('is the same question wherever the credentials are', () => {
    const moved = FLEET.replace('clusters/paris', '/run/secrets/paris').replace('admin', 'other');
    expect(opened(written(moved)).question).toBe(opened(written(FLEET)).question);
  });
});
