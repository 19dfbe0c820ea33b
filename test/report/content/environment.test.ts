import { join } from 'node:path';
import { expect, test } from 'vitest';
import { simulatedEnvironment } from '../../../src/run/simulated-environment.ts';
import type { Manifest } from '../../../src/record/manifest.ts';
import { calibratedTable } from '../../../src/report/content/environment.ts';
import { loadScenario } from '../../../src/scenario/load.ts';
import { ROOT } from '../../support/sources.ts';

function resolveManifest(...overrides: readonly string[]): Manifest {
  const parsed = loadScenario(join(ROOT, 'scenarios/smoke.yaml'), overrides);
  if (!('scenario' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  const environment = simulatedEnvironment(parsed.scenario.simulation);
  return { environment } as unknown as Manifest;
}

function valueOf(constant: string, ...manifests: readonly (Manifest | undefined)[]): string {
  const rows = calibratedTable(manifests).rows.filter(([name]) => name === constant);
  expect(rows).toHaveLength(1);
  return String(rows[0]?.[1]);
}

const CONSTANT = 'kubelet.sandboxTime';
const DOUBLED = `simulation.${CONSTANT}=4s`;

test('a constant has the value that was in force, and its default where that is another', () => {
  expect(valueOf(CONSTANT, resolveManifest())).toBe('2s');
  expect(valueOf(CONSTANT, resolveManifest(DOUBLED))).toBe('4s (default 2s)');
});

test('runs side by side have a value each where they differ', () => {
  expect(valueOf(CONSTANT, resolveManifest(), resolveManifest(DOUBLED))).toBe(
    '2s, 4s (default 2s)',
  );
  expect(valueOf(CONSTANT, resolveManifest(), resolveManifest())).toBe('2s');
});

test('what was not recorded is not taken for the default', () => {
  expect(valueOf(CONSTANT, undefined)).toBe('not recorded (default 2s)');
});
