/** Watches: where they begin, what they show, how they end. */

import { expect, test } from 'vitest';
import type { KubeList, KubeObject } from '../../../src/api/object.ts';
import { configMap, createLab, MAPS, MERGE, told } from './lab.ts';

test('without a version a watch begins with what exists', () => {
  const lab = createLab();
  lab.ok('POST', MAPS, configMap('a'));
  const all = lab.watch('/api/v1/configmaps');
  const other = lab.watch('/api/v1/namespaces/kube-system/configmaps');
  lab.ok('POST', MAPS, configMap('b'));
  expect(told(all.events)).toEqual(['ADDED a', 'ADDED b']);
  expect(other.events).toEqual([]);
});

test('an object that leaves the selection is deleted there, at the version of the change', () => {
  const lab = createLab();
  const watched = lab.watch(MAPS, { labelSelector: 'on=yes' });
  lab.ok('POST', MAPS, configMap('a', { labels: { on: 'no' } }));
  lab.ok('PATCH', `${MAPS}/a`, { metadata: { labels: { on: 'yes' } } }, MERGE);
  lab.ok('PATCH', `${MAPS}/a`, { data: { x: '1' } }, MERGE);
  lab.ok('PATCH', `${MAPS}/a`, { metadata: { labels: { on: null } } }, MERGE);
  expect(told(watched.events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  const last = watched.events.at(-1)?.object.metadata;
  expect(last?.labels).toEqual({ on: 'yes' });
  expect(last?.resourceVersion).toBe(String(lab.server.version));
});

test('a version that history no longer holds is told so, and the stream ends', () => {
  const lab = createLab(3);
  for (let i = 0; i < 6; i++) lab.ok('POST', MAPS, configMap(`m${i}`));
  const { version } = lab.server;
  const fresh = lab.watch(MAPS, { resourceVersion: String(version - 3) });
  expect(told(fresh.events)).toEqual(['ADDED m3', 'ADDED m4', 'ADDED m5']);
  const stale = lab.watch(MAPS, { resourceVersion: String(version - 4) });
  expect(stale.events).toMatchObject([
    {
      type: 'ERROR',
      object: {
        code: 410,
        reason: 'Expired',
        message: `too old resource version: ${version - 4} (${version - 3})`,
      },
    },
  ]);
  expect(stale.ended).toBe(true);
  lab.server.compact();
  expect(lab.watch(MAPS, { resourceVersion: String(version - 1) }).ended).toBe(true);
  expect(lab.watch(MAPS, { resourceVersion: String(version) }).ended).toBe(false);
});

test('a continue token outlives changes but not a compaction', () => {
  const lab = createLab();
  for (let i = 0; i < 5; i++) lab.ok('POST', MAPS, configMap(`m${i}`));
  const list = (query: Readonly<Record<string, string>>) =>
    lab.send('GET', MAPS, undefined, { query });
  const first = list({ limit: '2' }).body as KubeList;
  expect(first.metadata.remainingItemCount).toBe(3);
  lab.ok('DELETE', `${MAPS}/m3`);
  lab.server.compact();
  const token = first.metadata.continue ?? '';
  const gone = list({ limit: '2', continue: token });
  expect(gone.status).toBe(410);
  expect(gone.body).toMatchObject({ reason: 'Expired' });
  const restart = (gone.body as { metadata: { continue: string } }).metadata.continue;
  const rest = list({ limit: '9', continue: restart }).body as KubeList;
  expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['m2', 'm4']);
  expect(list({ continue: 'nonsense' }).status).toBe(400);
});

test('bookmarks come every minute and shortly before the end', async () => {
  const lab = createLab();
  const watched = lab.watch(MAPS, { allowWatchBookmarks: 'true', timeoutSeconds: '150' });
  await lab.kernel.run(() => lab.kernel.sleep(151e6));
  expect(watched.events.map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK']);
  expect(watched.events[0]?.object).toEqual({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(lab.server.version) },
  });
  expect(watched.ended).toBe(true);
});

test('the watch-list form sends what exists, then says so', () => {
  const lab = createLab();
  lab.ok('POST', MAPS, configMap('a'));
  const form = {
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: 'true',
  };
  const watched = lab.watch(MAPS, { ...form, resourceVersion: '' });
  expect(watched.events).toMatchObject([
    { type: 'ADDED' },
    {
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    },
  ]);
  expect(lab.watch(MAPS, { sendInitialEvents: 'true' }).refusal?.code).toBe(422);
  expect(lab.watch(MAPS, { ...form, resourceVersion: '99' }).refusal?.code).toBe(504);
  expect(lab.watch(MAPS, { ...form, sendInitialEvents: 'False' }).events).toEqual([]);
  const unmarked = lab.watch(MAPS, { ...form, allowWatchBookmarks: '0' });
  expect(unmarked.events).toMatchObject([{ type: 'ADDED' }]);
});

test('bad selectors and versions are refused', () => {
  const lab = createLab();
  expect(lab.watch(MAPS, { fieldSelector: 'spec.nodeName=x' }).refusal).toMatchObject({
    code: 400,
    message:
      '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
  });
  expect(lab.watch(MAPS, { labelSelector: 'a b c' }).refusal?.code).toBe(400);
  expect(lab.watch(MAPS, { resourceVersion: 'x' }).refusal?.code).toBe(400);
  expect(lab.watch('/api/v1/nothing').refusal?.code).toBe(404);
  const future = { query: { resourceVersion: '999999' } };
  expect(lab.refused('GET', MAPS, undefined, future)).toMatchObject({
    code: 504,
    reason: 'Timeout',
    details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
  });
});

test('a watch may name its object in the path', () => {
  const lab = createLab();
  lab.ok('POST', MAPS, configMap('a'));
  lab.ok('POST', MAPS, configMap('b'));
  const watched = lab.watch(`${MAPS}/a`);
  lab.ok('PATCH', `${MAPS}/b`, { data: { x: '1' } }, MERGE);
  lab.ok('PATCH', `${MAPS}/a`, { data: { x: '1' } }, MERGE);
  expect(told(watched.events)).toEqual(['ADDED a', 'MODIFIED a']);
});

test('history can be lengthened while it is in use', () => {
  const lab = createLab(3);
  const make = (from: number, to: number) => {
    for (let i = from; i < to; i++) lab.ok('POST', MAPS, configMap(`m${i}`));
  };
  make(0, 5);
  const version = lab.server.version - 3;
  lab.server.keepHistory(10);
  make(5, 9);
  const resumed = lab.watch(MAPS, { resourceVersion: String(version) });
  expect(told(resumed.events)).toEqual([2, 3, 4, 5, 6, 7, 8].map((i) => `ADDED m${i}`));
});

test('events go by themselves after their time, and watchers hear of it', async () => {
  const lab = createLab();
  const events = '/api/v1/namespaces/default/events';
  const event = (name: string) => ({
    metadata: { name },
    involvedObject: { kind: 'Pod' },
    reason: 'R',
  });
  lab.ok('POST', events, event('old'));
  const watched = lab.watch(events);
  await lab.kernel.run(() => lab.kernel.sleep(1200e6));
  lab.ok('POST', events, event('new'));
  lab.server.expireEvents(600e6);
  expect(told(watched.events)).toEqual(['ADDED old', 'ADDED new', 'DELETED old']);
});

test('a list shows an exact version as it was, until that is forgotten', () => {
  const lab = createLab();
  lab.ok('POST', MAPS, configMap('a'));
  const resourceVersion = String(lab.server.version);
  const query = { resourceVersion, resourceVersionMatch: 'Exact' };
  expect(lab.send('GET', MAPS, undefined, { query }).status).toBe(200);
  lab.ok('POST', MAPS, configMap('b'));
  lab.ok('PATCH', `${MAPS}/a`, { data: { key: 'later' } }, MERGE);
  lab.ok('DELETE', `${MAPS}/a`);
  const { items, metadata } = lab.ok('GET', MAPS, undefined, { query }) as unknown as {
    readonly items: readonly KubeObject[];
    readonly metadata: { readonly resourceVersion: string };
  };
  expect(items.map((item) => [item.metadata.name, item.metadata.resourceVersion])).toEqual([
    ['a', resourceVersion],
  ]);
  expect(metadata.resourceVersion).toBe(resourceVersion);
  lab.server.compact();
  expect(lab.refused('GET', MAPS, undefined, { query })).toMatchObject({ code: 410 });
});
