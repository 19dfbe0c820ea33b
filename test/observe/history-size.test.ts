/** What a VM costs in the history, on the whole simulated cluster. */

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measure } from '../../src/benchmark.ts';
import { openTarget } from '../../src/cli/target.ts';
import { createRunFolder } from '../../src/record/layout.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ROOT } from '../support/sources.ts';

const COUNT = 200;

const SCENARIO = `
name: history-size
storage: { class: rbd, snapshotClass: rbd-snap, accessModes: [ReadWriteMany], volumeMode: Block }
images:
  rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi }
templates:
  rhel9: { file: rhel9.yaml }
steps:
  - deploy: { template: rhel9, count: ${COUNT}, wave: { size: 100, pause: 30s } }
  - boot: { template: rhel9, wave: { size: 100, until: guestReady } }
simulation:
  images: { rhel9: { guest: rhel9, data: 4377Mi } }
`;

const TEMPLATE = readFileSync(join(ROOT, 'scenarios/templates/rhel9.yaml'), 'utf8');

test('deploying and booting a VM takes at most 3 kB of history', async () => {
  const readFile = (file: string) => ({ text: TEMPLATE, file });
  const parsed = parseScenario(SCENARIO, 'history-size.yaml', { readFile });
  if (!('scenario' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  const setting = (await openTarget(parsed.scenario, { seed: 1 })).open();
  const results = mkdtempSync(join(tmpdir(), 'bench-'));
  const created = createRunFolder(results, 'history-size', 'r');
  if (created.kind !== 'created') throw new Error(created.kind);
  const { outcome, history } = await measure(parsed.scenario, created.folder, setting);
  expect(outcome).toBe('complete');
  expect(history.bytes / COUNT).toBeLessThan(3000);
  // Less than this, and something that ought to be recorded is missing.
  expect(history.bytes / COUNT).toBeGreaterThan(2000);
});
