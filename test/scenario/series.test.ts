import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';
import { loadFacts, loadHash } from '../../src/scenario/series.ts';

const BASE = `
name: nightly
storage: { class: fast, snapshotClass: fast-snap }
images:
  rhel9: { import: { url: "http://images.example/rhel9-20260101.qcow2" }, size: 22Gi }
templates:
  small: { image: rhel9, cpu: 2 }
steps:
  - clone: { name: clones, image: rhel9, count: 10, wave: { size: 5, pause: 10s } }
  - pause: 30s
  - deploy: { template: small, count: 4 }
`;

function scenario(text: string, overrides: readonly string[] = []) {
  const readFile = () => ({ message: 'no files here', remedy: '' });
  const parsed = parseScenario(text, 'nightly.yaml', { overrides, readFile });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.scenario;
}

const IMPORT = 'import: { url: "http://images.example/rhel9-20260101.qcow2" }';

const base = loadHash(scenario(BASE));

describe('the load', () => {
  test.each([
    ['a dated image', BASE.replace('20260101', '20260102'), []],
    ['another origin', BASE.replace(IMPORT, 'from: { pvc: { name: x } }'), []],
    ['an object name', BASE, ['images.rhel9.name=golden']],
    ['the namespace of an image', BASE, ['images.rhel9.namespace=golden']],
    ['a time-out', BASE, ['timeouts.clone=3h']],
    ['a time-out of a step', BASE, ['steps.0.clone.wave.timeout=3h']],
    ['a pause between waves', BASE, ['steps.0.clone.wave.pause=20s']],
    ['a pause', BASE, ['steps.1.pause=1m']],
    ['the name of a step', BASE, ['steps.0.clone.name=copies']],
    ['the namespace', BASE, ['namespace=mine']],
    ['the name of an image', BASE.replaceAll('rhel9:', 'os:').replaceAll(': rhel9', ': os'), []],
    ['the name of a template', BASE.replaceAll('small', 'tiny'), []],
  ])('is the same with %s', (_, text, overrides) => {
    const changed = scenario(text, overrides);
    expect(loadHash(changed)).toBe(base);
    expect(loadFacts(changed)['scenario.load']).toBe(base.slice(0, 12));
  });

  test.each([
    'steps.0.clone.count=11',
    'steps.0.clone.wave.size=10',
    'storage.class=slow',
    'images.rhel9.size=23Gi',
    'templates.small.cpu=4',
    'steps.0.clone.wave.until=bound',
  ])('is another one with %s', (override) => {
    expect(loadHash(scenario(BASE, [override]))).not.toBe(base);
  });

  test('what may differ is told by name, without passwords', () => {
    const facts = loadFacts(scenario(BASE.replace('http://', 'http://me:secret@')));
    expect(facts).toMatchObject({
      'scenario.images.rhel9': 'http://...@images.example/rhel9-20260101.qcow2',
      'scenario.timeouts.clone': '2h00m',
      'scenario.steps.0.name': 'clones',
      'scenario.steps.0.pause': '10s',
      'scenario.steps.1.pause': '30s',
    });
  });
});
