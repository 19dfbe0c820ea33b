/** Names of hosts leave no trace in a history, and stay the same from run to run. */

import { describe, expect, test } from 'vitest';
import { createPseudonyms } from '../../src/record/pseudonyms.ts';
import type { Entry } from '../../src/record/entry.ts';

const SERVER = 'api.ocp.example';

function pseudonyms(salt = 'cluster-uid') {
  return createPseudonyms(salt, [SERVER]);
}

describe('a hash', () => {
  test('is the same for a name in all runs on a cluster, and another on another cluster', () => {
    const hash = pseudonyms().name('worker-1');
    expect(hash).toMatch(/^h-[0-9a-f]{8}$/);
    expect(pseudonyms().name('worker-1')).toBe(hash);
    expect(pseudonyms().name('worker-2')).not.toBe(hash);
    expect(pseudonyms('other-uid').name('worker-1')).not.toBe(hash);
  });
});

describe('entries', () => {
  const node = (name: string): Entry => ({
    e: 'tr',
    t: 5,
    o: 1,
    c: [
      ['phase', 'Scheduled', 1_700_000_000, 2],
      ['node', name],
    ],
  });

  test('nodes of VMIs are hidden, other changes and their stamps are left', () => {
    const { entry, name } = pseudonyms();
    expect(entry(node('worker-1'))).toEqual(node(name('worker-1')));
  });

  test('clocks of nodes are hidden under the same hash, other clocks keep their names', () => {
    const { entry, name } = pseudonyms();
    const hidden = `node/${name('worker-1')}`;
    expect(entry({ e: 'clock', c: 0, name: 'node/worker-1' })).toEqual({
      e: 'clock',
      c: 0,
      name: hidden,
    });
    const offset: Entry = { e: 'offset', t: 1, clock: 'node/worker-1', lo: -5, n: 20 };
    expect(entry(offset)).toEqual({ ...offset, clock: hidden });
    const other: Entry = { e: 'clock', c: 1, name: 'virt-controller' };
    expect(entry(other)).toEqual(other);
  });

  test('texts lose every name that was met so far, the server among them', () => {
    const { entry, name } = pseudonyms();
    entry(node('worker-1'));
    const message = `connect to ${SERVER}:6443 from worker-1: worker-1 is away`;
    const node1 = name('worker-1');
    const hidden = `connect to ${name(SERVER)}:6443 from ${node1}: ${node1} is away`;
    const texts: readonly [Entry, Entry][] = [
      [
        { e: 'note', t: 1, what: 'watch', message },
        { e: 'note', t: 1, what: 'watch', message: hidden },
      ],
      [
        { e: 'miss', t: 1, p: 0, how: 'failed', reason: 'Refused', message },
        { e: 'miss', t: 1, p: 0, how: 'failed', reason: 'Refused', message: hidden },
      ],
      [
        { e: 'end', t: 1, outcome: 'partial', reason: message },
        { e: 'end', t: 1, outcome: 'partial', reason: hidden },
      ],
    ];
    for (const [plain, expected] of texts) expect(entry(plain)).toEqual(expected);
  });

  test('a name that is part of another does not show the rest of it', () => {
    const { name, text } = pseudonyms();
    const [short, long] = [name('worker-1'), name('worker-10')];
    expect(text('worker-10 and worker-1')).toBe(`${long} and ${short}`);
  });

  test('addresses are names, versions are not', () => {
    const { name, text } = pseudonyms();
    const plain = 'connect ECONNREFUSED 10.1.2.30:6443, KubeVirt v1.1.1';
    expect(text(plain)).toBe(`connect ECONNREFUSED ${name('10.1.2.30')}:6443, KubeVirt v1.1.1`);
  });

  test('what holds no name is passed on as it is', () => {
    const { entry } = pseudonyms();
    const plain: readonly Entry[] = [
      { e: 'tr', t: 1, o: 1, c: [['phase', 'Running']] },
      { e: 'del', t: 2, o: 1 },
      { e: 'end', t: 3, outcome: 'complete' },
    ];
    for (const each of plain) expect(entry(each)).toBe(each);
  });
});
