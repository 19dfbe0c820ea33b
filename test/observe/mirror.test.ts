/** Sightings out of entries alone: what another thread, or an earlier session, has seen. */

import { describe, expect, test } from 'vitest';
import { createMirror } from '../../src/observe/mirror.ts';
import type { SeenObject } from '../../src/observe/seen-object.ts';
import { getValue } from '../../src/observe/seen-object.ts';
import type { Entry } from '../../src/record/entry.ts';

/** A mirror, and what it told: `appeared vm`, `changed vm phase=Running` ... */
function mirrored(...entries: readonly Entry[]) {
  const told: string[] = [];
  const objects: SeenObject[] = [];
  const tell = (word: string) => (object: SeenObject) => void told.push(`${word} ${object.name}`);
  const mirror = createMirror({
    namespace: 'home',
    sightings: {
      appeared(object) {
        objects.push(object);
        tell('appeared')(object);
      },
      changed: (object, name, value) => void told.push(`changed ${object.name} ${name}=${value}`),
      adopted: tell('adopted'),
      gone: tell('gone'),
      cleared: tell('cleared'),
    },
  });
  for (const entry of entries) mirror.take(entry);
  return { ...mirror, told, objects };
}

const VM: Entry = { e: 'obj', t: 1, o: 0, k: 'VirtualMachine', n: 'vm', u: 'u-vm' };
const VMI: Entry = {
  e: 'obj',
  t: 2,
  o: 1,
  k: 'VirtualMachineInstance',
  n: 'vmi',
  u: 'u-vmi',
  own: 0,
};
const ORPHAN: Entry = { e: 'obj', t: 2, o: 1, k: 'DataVolume', n: 'dv', u: 'u-dv', ownUid: 'u-vm' };

describe('an object', () => {
  test('appears once, in the run namespace where none is given', () => {
    const { told, objects } = mirrored(VM, VM, { ...VM, o: 5, n: 'far', u: 'u-far', ns: 'away' });
    expect(told).toEqual(['appeared vm', 'appeared far']);
    expect(objects).toMatchObject([
      { id: 0, kind: 'VirtualMachine', namespace: 'home', name: 'vm', uid: 'u-vm' },
      { id: 5, namespace: 'away' },
    ]);
  });

  test('is known with its values before anybody is told of them', () => {
    const seen: (string | undefined)[] = [];
    const mirror = createMirror({
      namespace: 'home',
      sightings: {
        appeared: () => {},
        changed: (object) => void seen.push(getValue(object, 'phase'), getValue(object, 'node')),
        adopted: () => {},
        gone: () => {},
        cleared: () => {},
      },
    });
    mirror.take(VMI);
    const c = [
      ['phase', 'Running'],
      ['node', 'w1'],
    ] as const;
    mirror.take({ e: 'tr', t: 3, o: 1, c });
    expect(seen).toEqual(['Running', 'w1', 'Running', 'w1']);
  });

  test('that nobody introduced neither changes nor goes', () => {
    const { told } = mirrored(
      { e: 'tr', t: 3, o: 7, c: [['phase', 'Running']] },
      { e: 'del', t: 4, o: 7 },
    );
    expect(told).toEqual([]);
  });
});

describe('owners', () => {
  test('a child that came first is adopted when its owner appears', () => {
    const { told, objects } = mirrored(ORPHAN, VM);
    expect(told).toEqual(['appeared dv', 'appeared vm', 'adopted dv']);
    expect(objects[0]?.owner).toBe(objects[1]);
  });

  test('an owner is cleared when all that it owned is gone', () => {
    const { told } = mirrored(VM, VMI, { e: 'del', t: 5, o: 0 }, { e: 'del', t: 6, o: 1 });
    expect(told.slice(2)).toEqual(['gone vm', 'gone vmi', 'cleared vmi', 'cleared vm']);
  });
});

describe('the past for the next session', () => {
  test('holds who is left, the clocks by number, and until when each kind was live', () => {
    const { past } = mirrored(
      { e: 'clock', c: 0, name: 'apiserver' },
      { e: 'clock', c: 1, name: 'node/w1' },
      VM,
      VMI,
      {
        e: 'tr',
        t: 7,
        o: 1,
        c: [
          ['phase', 'Scheduling', 1_700_000_000, 0],
          ['phase', 'Running', 1_700_000_001, 1],
          ['Ready', 'True', 1_700_000_002, 0],
        ],
      },
      { ...VM, o: 2, n: 'gone', u: 'u-gone', t: 8 },
      { e: 'del', t: 9, o: 2 },
    );
    expect(past()).toEqual({
      clocks: ['apiserver', 'node/w1'],
      sinceUs: { VirtualMachine: 9, VirtualMachineInstance: 7 },
      known: [
        {
          id: 0,
          kind: 'VirtualMachine',
          namespace: 'home',
          name: 'vm',
          uid: 'u-vm',
          ownerUid: undefined,
          values: [],
          stamps: 0,
        },
        {
          id: 1,
          kind: 'VirtualMachineInstance',
          namespace: 'home',
          name: 'vmi',
          uid: 'u-vmi',
          ownerUid: 'u-vm',
          values: ['phase', 'Running', 'Ready', 'True'],
          // Two stamped phases; the condition is no phase.
          stamps: 2,
        },
      ],
    });
  });

  test('entries of operations, notes and gaps are none of its business', () => {
    const { told, past } = mirrored(
      { e: 'note', t: 5, what: 'x', message: 'y' },
      { e: 'gap', k: 'pods', from: 1, t: 9, cause: 'broken', relist: false },
      { e: 'ack', t: 3, p: 0, c: 201 },
    );
    expect(told).toEqual([]);
    expect(past()).toEqual({ known: [], clocks: [], sinceUs: {} });
  });
});
