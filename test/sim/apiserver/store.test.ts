/** Properties of the store under random histories of requests. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeList, KubeObject } from '../../../src/api/object.ts';
import type { WatchEvent } from '../../../src/api/transport.ts';
import { configMap, createLab, type Lab, MAPS, MERGE } from './lab.ts';

interface Step {
  readonly op: 'create' | 'patch' | 'replace' | 'delete' | 'finalize';
  readonly name: string;
  readonly label: string;
  readonly held: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom('create', 'create', 'patch', 'patch', 'replace', 'delete', 'finalize'),
  name: fc.constantFrom('a', 'b', 'c', 'd-1', 'd'),
  label: fc.constantFrom('red', 'blue'),
  held: fc.boolean(),
});

function perform(lab: Lab, { op, name, label, held }: Step): void {
  const path = `${MAPS}/${name}`;
  const finalizers = held ? { finalizers: ['example.io/hold'] } : {};
  switch (op) {
    case 'create':
      lab.send('POST', MAPS, configMap(name, { labels: { colour: label }, ...finalizers }));
      break;
    case 'patch':
      lab.send('PATCH', path, { metadata: { labels: { colour: label } } }, MERGE);
      break;
    case 'replace': {
      const current = lab.send('GET', path);
      if (current.status !== 200) break;
      const object = current.body as KubeObject;
      lab.send('PUT', path, { ...object, data: { colour: label } });
      break;
    }
    case 'delete':
      lab.send('DELETE', path);
      break;
    case 'finalize':
      lab.send('PATCH', path, { metadata: { finalizers: null } }, MERGE);
      break;
  }
}

function listed(lab: Lab, query: Readonly<Record<string, string>> = {}): KubeObject[] {
  return [...(lab.send('GET', MAPS, undefined, { query }).body as KubeList).items];
}

/** The state that a client builds from a stream of events. */
function replay(events: readonly WatchEvent[], start: readonly KubeObject[] = []): KubeObject[] {
  const state = new Map(start.map((object) => [object.metadata.name, object]));
  for (const { type, object } of events) {
    if (type === 'DELETED') state.delete(object.metadata.name);
    else state.set(object.metadata.name, object);
  }
  return [...state.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function versions(events: readonly WatchEvent[]): number[] {
  return events.map(({ object }) => Number(object.metadata.resourceVersion));
}

test('a watch and the list at its end tell the same, with any selector', () => {
  const query = fc.constantFrom(
    {},
    { labelSelector: 'colour=red' },
    { labelSelector: 'colour notin (red)' },
    { fieldSelector: 'metadata.name=a' },
    { fieldSelector: 'metadata.name!=a', labelSelector: 'colour' },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), query, (steps, selectors) => {
      const lab = createLab();
      const watched = lab.watch(MAPS, selectors as Readonly<Record<string, string>>);
      for (const each of steps) perform(lab, each);
      expect(replay(watched.events)).toEqual(listed(lab, selectors as Record<string, string>));
    }),
  );
});

test('versions only grow, and each object carries the version of its last event', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lab = createLab();
      const watched = lab.watch(MAPS);
      for (const each of steps) perform(lab, each);
      const seen = versions(watched.events);
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      for (const object of listed(lab)) {
        const last = watched.events.findLast(
          (event) => event.object.metadata.uid === object.metadata.uid,
        );
        expect(last?.object).toBe(object);
      }
    }),
  );
});

test('a watch resumed from any version misses nothing, selector or not', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 50 }),
      fc.nat(),
      fc.constantFrom({}, { labelSelector: 'colour=blue' }),
      (steps, cut, selectors: Readonly<Record<string, string>>) => {
        const lab = createLab();
        const at = cut % steps.length;
        for (const each of steps.slice(0, at)) perform(lab, each);
        const start = listed(lab, selectors);
        const { version } = lab.server;
        for (const each of steps.slice(at)) perform(lab, each);
        const resumed = lab.watch(MAPS, { ...selectors, resourceVersion: String(version) });
        expect(replay(resumed.events, start)).toEqual(listed(lab, selectors));
      },
    ),
  );
});

test('no update is lost: of two writers with one version, one is refused', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), (fresh) => {
      const lab = createLab();
      let known = lab.ok('POST', MAPS, configMap('counter'));
      let written = 0;
      for (const reread of fresh) {
        if (reread) known = lab.ok('GET', `${MAPS}/counter`);
        const count = Number((known as { data?: { count?: string } }).data?.count ?? 0) + 1;
        const answer = lab.send('PUT', `${MAPS}/counter`, {
          ...known,
          data: { count: `${count}` },
        });
        if (answer.status === 200) written += 1;
        else expect(answer.body).toMatchObject({ code: 409, reason: 'Conflict' });
      }
      const last = lab.ok('GET', `${MAPS}/counter`) as { data?: { count?: string } };
      expect(Number(last.data?.count ?? 0)).toBe(written);
    }),
  );
});

test('lists are ordered by key whatever the order of arrival', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,4}(-[a-z0-9]{1,3})?$/), {
    maxLength: 700,
  });
  fc.assert(
    fc.property(names, fc.array(fc.nat(), { maxLength: 300 }), (created, deleted) => {
      const lab = createLab();
      const left = new Set(created);
      for (const name of created) lab.ok('POST', MAPS, configMap(name));
      for (const index of deleted) {
        const name = created[index % Math.max(1, created.length)];
        if (name === undefined || !left.delete(name)) continue;
        lab.ok('DELETE', `${MAPS}/${name}`);
      }
      expect(listed(lab).map(({ metadata }) => metadata.name)).toEqual([...left].sort());
    }),
    { numRuns: 30 },
  );
});

test('pages of any size are the list at the version of the first', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(step, { maxLength: 30 }),
      (limit, steps) => {
        const lab = createLab();
        for (let i = 0; i < 20; i++) {
          lab.ok('POST', MAPS, configMap(`m-${i}`, { labels: { colour: i % 2 ? 'red' : 'blue' } }));
        }
        const whole = listed(lab);
        const paged: KubeObject[] = [];
        let token: string | undefined;
        let rest = [...steps];
        do {
          const query = { limit: String(limit), ...(token ? { continue: token } : {}) };
          const page = lab.send('GET', MAPS, undefined, { query }).body as KubeList;
          paged.push(...page.items);
          token = page.metadata.continue;
          for (const each of rest.slice(0, 3)) perform(lab, each);
          rest = rest.slice(3);
        } while (token !== undefined);
        expect(paged).toEqual(whole);
      },
    ),
  );
});

test('what is stored is frozen to the last leaf and shares what did not change', () => {
  const lab = createLab();
  const spec = { source: { pvc: { name: 'golden' } }, list: [{ deep: [1] }] };
  const path = '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes';
  const body = {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name: 'x' },
    spec,
  };
  const made = lab.ok('POST', path, body);
  expect(Object.isFrozen((made.spec as typeof spec).list[0]?.deep)).toBe(true);
  const patched = lab.ok('PATCH', `${path}/x`, { metadata: { labels: { a: 'b' } } }, MERGE);
  expect(patched.spec).toBe(made.spec);
  const status = lab.ok('PATCH', `${path}/x/status`, { status: { phase: 'Pending' } }, MERGE);
  expect(status.spec).toBe(made.spec);
});
