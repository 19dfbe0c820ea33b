/** What may be deleted in a run's name. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StepKind } from '../../src/record/entry.ts';
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
    { e: 'step', t: 0, s: 0, kind, name: 'x' },
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

test('nothing where a run only looked on, whatever it saw', () => {
  const { uids, unanswered } = recordedObjects(history('observe'));
  expect([...uids, ...unanswered]).toEqual([]);
});
