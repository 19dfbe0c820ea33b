import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/core/duration.ts';
import type { Entry } from '../../src/record/entry.ts';
import { readLines } from '../../src/record/lines.ts';
import { HistoryError, readRun } from '../../src/record/reader.ts';
import { history } from '../support/history.ts';

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-reader-')), 'history.ndjson');
  writeFileSync(path, text);
  return path;
}

function sample() {
  const draft = history();
  const step = draft.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  draft.wave({ step, wave: 0, at: 1 });
  draft.clone({ step, name: 'a', sent: 1, seen: 1.5, inProgress: 2, succeeded: 9 });
  return draft;
}

describe('a history that ended well', () => {
  const draft = sample();
  draft.end(10);
  const run = readRun(file(draft.text()));

  test('has its step, wave, operation and end, and nothing to forgive', () => {
    expect(run.steps).toMatchObject([{ index: 0, kind: 'clone', until: 'dataVolumeSucceeded' }]);
    expect(run.waves).toMatchObject([{ step: 0, index: 0, releaseUs: seconds(1) }]);
    expect(run.operations).toMatchObject([
      { id: 0, name: 'a', sentUs: seconds(1), ack: { status: 201, uid: 'dv-a', tries: 1 } },
    ]);
    expect(run.end?.outcome).toBe('complete');
    expect(run.problems).toEqual([]);
  });

  test('may have been through an editor that puts a mark before it, and ends lines its way', () => {
    const edited = readRun(file(`\ufeff${draft.text().replaceAll('\n', '\r\n')}`));
    expect(edited.operations).toEqual(run.operations);
    expect(edited.problems).toEqual([]);
  });

  test('knows its objects by UID, name and change', () => {
    const { objects } = run;
    expect(objects.size).toBe(1);
    expect(objects.withUid('dv-a')).toBe(0);
    expect(objects.named('DataVolume', 'a')).toEqual([0]);
    expect(objects.named('VirtualMachine', 'a')).toEqual([]);
    expect(objects.first(0, 'phase', 'Succeeded')?.atUs).toBe(seconds(9));
    expect(objects.first(0, 'phase', 'Failed')).toBeUndefined();
    expect(objects.latest(0, 'phase')).toBe('Succeeded');
    expect(objects.changesOf(0).map(({ value }) => value)).toEqual([
      'CSICloneInProgress',
      'Succeeded',
    ]);
  });
});

describe('what a crash leaves behind', () => {
  test('a torn tail is left out, and said', () => {
    const text = sample().text();
    const run = readRun(file(text.slice(0, -7)));
    expect(run.objects.first(0, 'phase', 'Succeeded')).toBeUndefined();
    expect(run.objects.first(0, 'phase', 'CSICloneInProgress')).toBeDefined();
    expect(run.problems.join()).toMatch(/torn at the end.*cut off/);
  });

  test('a last line without its newline that is whole is read', () => {
    const run = readRun(file(sample().text().trimEnd()));
    expect(run.objects.first(0, 'phase', 'Succeeded')?.atUs).toBe(seconds(9));
    expect(run.problems).toEqual(['no end entry: the run was cut off']);
  });

  test('a history torn anywhere is still read up to there', () => {
    const text = sample().text();
    const header = text.indexOf('\n') + 1;
    for (let length = header; length < text.length; length++) {
      expect(() => readRun(file(text.slice(0, length)))).not.toThrow();
    }
  });

  test('a new session may stand on the torn line of the one before', () => {
    const first = sample();
    const torn = first.text().slice(0, -7);
    const anchor: Entry = { e: 'anchor', session: 1, t: seconds(20), wall: 0 };
    const later: Entry = { e: 'tr', t: seconds(21), o: 0, c: [['phase', 'Succeeded']] };
    const run = readRun(file(`${torn}${JSON.stringify(anchor)}\n${JSON.stringify(later)}\n`));
    expect(run.anchors).toHaveLength(2);
    expect(run.objects.first(0, 'phase', 'Succeeded')?.atUs).toBe(seconds(21));
  });
});

describe('several sessions', () => {
  test('take up what an interruption let go, and know an object again by its UID', () => {
    const draft = sample();
    const { operation } = draft.clone({ step: 0, name: 'b', seen: 3 });
    draft.miss(operation, 4, 'censored', 'Interrupted');
    draft.end(4, 'partial');
    draft.add({ e: 'anchor', session: 1, t: seconds(20), wall: 0 });
    draft.add({ e: 'obj', t: seconds(20), o: 0, k: 'DataVolume', n: 'b', u: 'dv-b' });
    draft.change(0, 22, ['phase', 'Succeeded'], 4);
    draft.end(23);
    const run = readRun(file(draft.text()));
    expect(run.objects.size).toBe(2);
    const b = run.objects.withUid('dv-b') ?? -1;
    expect(run.objects.seen(b).atUs).toBe(seconds(3));
    expect(run.objects.first(b, 'phase', 'Succeeded')).toMatchObject({
      atUs: seconds(22),
      afterUs: seconds(4),
    });
    expect(run.operations[operation]?.miss).toBeUndefined();
    expect(run.end?.outcome).toBe('complete');
  });

  test('keep the first sending of an operation that was sent again', () => {
    const draft = sample();
    draft.add({ e: 'anchor', session: 1, t: seconds(20), wall: 0 });
    const again = draft.entries.find((entry) => entry.e === 'send');
    if (again?.e === 'send') draft.add({ ...again, t: seconds(21) });
    expect(draft.run().operations).toHaveLength(1);
    expect(draft.run().operations[0]?.sentUs).toBe(seconds(1));
  });
});

describe('what a newer bench may write', () => {
  test('unknown fields and kinds of entries are passed over, the kinds counted', () => {
    const draft = sample();
    draft.add({ e: 'weather', t: 5, rain: true } as unknown as Entry);
    draft.add({ e: 'end', t: 6, outcome: 'complete', colour: 'blue' } as Entry);
    const run = readRun(file(draft.text()));
    expect(run.end?.outcome).toBe('complete');
    expect(run.problems).toEqual(['1 entries of unknown kinds, left out']);
  });

  test('another schema is refused by name', () => {
    const text = sample().text().replace('bench/history/v1', 'bench/history/v9');
    expect(() => readRun(file(text))).toThrow(/schema bench\/history\/v9/);
  });
});

describe('what is no history', () => {
  test.each([
    ['nothing', ''],
    ['something else', 'hello\n'],
    ['no header', '{"e":"end","t":1,"outcome":"complete"}\n'],
  ])('%s', (_, text) => {
    expect(() => readRun(file(text))).toThrow(HistoryError);
  });
});

describe('owners', () => {
  test('seen after what they own are joined by UID', () => {
    const draft = history();
    const disk = draft.object({ kind: 'DataVolume', name: 'd', at: 1, ownerUid: 'vm' });
    const other = draft.object({ kind: 'DataVolume', name: 'e', at: 1, ownerUid: 'nobody' });
    const vm = draft.object({ kind: 'VirtualMachine', name: 'v', at: 2, uid: 'vm' });
    const second = draft.object({ kind: 'DataVolume', name: 'f', at: 3, owner: vm });
    const { objects } = draft.run();
    expect(objects.childrenOf(vm)).toEqual([disk, second]);
    expect(objects.ownerOf(disk)).toBe(vm);
    expect(objects.ownerOf(other)).toBeUndefined();
  });
});

test('lines survive blocks that end inside a character', () => {
  const text = '{"a":"äöü €𝄞"}\n\nlast ✓';
  for (let block = 1; block <= 40; block++) {
    const lines = [...readLines(file(text), block)];
    expect(lines.map((line) => line.text)).toEqual(['{"a":"äöü €𝄞"}', 'last ✓']);
    expect(lines.map(({ ended }) => ended)).toEqual([true, false]);
  }
});
