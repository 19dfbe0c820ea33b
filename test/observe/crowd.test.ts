/**
 * A crowd whose VMs come and go, through reducer and mirror: nothing is missed, and nothing is kept
 * of what is gone, however long it goes on.
 */

import { expect, test } from 'vitest';
import type { WatchEvent } from '../../src/api/transport.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { OBSERVED_KINDS } from '../../src/observe/kinds.ts';
import { createMirror } from '../../src/observe/mirror.ts';
import { createReducer, type Sightings } from '../../src/observe/reducer.ts';
import type { Entry } from '../../src/record/entry.ts';
import { CROWD_NAMESPACE, createCrowd } from '../support/crowd.ts';

const OBJECTS = 1000;
const EVENTS = 12_000;

const UNMOVED: Sightings = {
  appeared: () => {},
  changed: () => {},
  adopted: () => {},
  gone: () => {},
  cleared: () => {},
};

test('each change of a crowd is told once, and both sides know the same of who is left', () => {
  const crowd = createCrowd(OBJECTS);
  const uids: string[] = [];
  const told: string[] = [];
  const mirror = createMirror({ sightings: UNMOVED, namespace: CROWD_NAMESPACE });
  const write = (entry: Entry) => {
    mirror.take(entry);
    if (entry.e === 'obj') told.push(`${(uids[entry.o] = entry.u)} ADDED`);
    if (entry.e === 'del') told.push(`${uids[entry.o]} DELETED`);
    if (entry.e !== 'tr') return;
    for (const [name, value] of entry.c) told.push(`${uids[entry.o]} ${name}=${value}`);
  };
  const notebook = { originUs: 0, nowUs: () => 0, sinceStartUs: (us: number) => us };
  const reducer = createReducer({
    notebook: { ...notebook, write, flush: () => {} },
    sightings: UNMOVED,
    namespace: CROWD_NAMESPACE,
  });
  const streams = new Map(
    OBSERVED_KINDS.map((kind) => [kind.resource.kind, reducer.stream(kind)] as const),
  );
  for (const kind of crowd.kinds) {
    const items = JSON.parse(`[${crowd.items(kind, 0, crowd.perKind)}]`) as KubeObject[];
    const take = streams.get(kind.kind);
    for (const object of items) take?.({ kind: 'listed', object, seenUs: 1 });
    take?.({ kind: 'synced', seenUs: 1, askedUs: 0, relist: false });
  }
  expect(mirror.past().known).toHaveLength(OBJECTS);

  told.length = 0;
  const signs: string[] = [];
  const live = new Map<string, string>();
  for (const { uid, kind } of mirror.past().known) live.set(uid, kind);
  for (let i = 0; i < EVENTS; i++) {
    const { kind, line, sign } = crowd.next();
    if (sign !== undefined) signs.push(sign);
    const { type, object } = JSON.parse(line) as WatchEvent & { type: 'ADDED' };
    streams.get(kind.kind)?.({ kind: 'changed', type, object, seenUs: 2 + i });
    if (sign?.endsWith('ADDED')) live.set(object.metadata.uid ?? '', kind.kind);
    if (sign?.endsWith('DELETED')) live.delete(object.metadata.uid ?? '');
  }
  // What a new object says at its first sight is told beside its arrival.
  const once = new Set(told);
  expect(signs.filter((sign) => !once.has(sign))).toEqual([]);
  expect(once.size).toBe(told.length);
  const known = mirror.past().known.map(({ uid }) => uid);
  expect(known.sort()).toEqual([...live.keys()].sort());
  expect(known.length).toBeLessThanOrEqual(OBJECTS);
  expect(signs.filter((sign) => sign.endsWith('DELETED')).length).toBeGreaterThan(OBJECTS / 2);

  // A list with nobody in it: each that is known goes, and none that went before.
  told.length = 0;
  const [askedUs, seenUs] = [EVENTS + 2, EVENTS + 3];
  for (const take of streams.values()) take({ kind: 'synced', seenUs, askedUs, relist: true });
  expect(told).toHaveLength(live.size);
  expect(mirror.past().known).toEqual([]);
});
