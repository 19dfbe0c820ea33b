/** What may be deleted in a run's name. */

import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StepKind } from '../../src/catalogue/step-kinds.ts';
import { recordedObjects } from '../../src/record/recorded-objects.ts';

function history(kind: StepKind): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'history.ndjson');
  const lines = [
    {
      e: 'header',
      schema: 'bench/history/v1',
      run: 'r',
      scenario: 's',
      target: 'cluster',
      seed: 1,
    },
    {
      e: 'step',
      t: 0,
      s: 0,
      kind,
      name: 'x',
      variants: [],
      until: 'none',
      waves: 1,
      operations: 1,
      timeoutUs: 1,
      errorBudget: 0,
      loop: 'closed',
    },
    { e: 'send', t: 1, p: 0, s: 0, w: 0, v: 'create', k: 'VirtualMachine', n: 'vm' },
    { e: 'ack', t: 2, p: 0, c: 201, u: 'machine' },
    { e: 'obj', t: 3, o: 0, k: 'DataVolume', n: 'disk', u: 'disk', ownUid: 'machine' },
  ];
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

test('what was created, and what grew out of it', () => {
  expect([...recordedObjects(history('deploy')).uids]).toEqual(['machine', 'disk']);
});

test('nothing that others labelled like it, with an owner or without', () => {
  const path = history('deploy');
  const copy = { e: 'obj', t: 4, o: 1, k: 'VirtualMachine', n: 'copy', u: 'copy' };
  const lines = [
    copy,
    { e: 'obj', t: 5, o: 2, k: 'DataVolume', n: 'theirs', u: 'theirs', own: 1 },
    { e: 'obj', t: 6, o: 3, k: 'Pod', n: 'elsewhere', u: 'elsewhere', ownUid: 'unknown' },
    { e: 'made', t: 7, k: 'Namespace', n: 'bench-r', u: 'namespace' },
  ];
  appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect([...recordedObjects(path).uids].sort()).toEqual(['disk', 'machine', 'namespace']);
});

test('nothing where a run only looked on, whatever it saw', () => {
  const { uids, unanswered } = recordedObjects(history('observe'));
  expect([...uids, ...unanswered]).toEqual([]);
});
