/** Watches as any Kubernetes API server serves them: where they start, resume, and end. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject, Status } from '../../src/api/object.ts';
import { CONFIG_MAPS, DATA_VOLUMES } from '../../src/api/resources.ts';
import type { WatchEvent } from '../../src/api/transport.ts';
import {
  forgetful,
  listMeta,
  onEachArm,
  openSubject,
  type Subject,
  until,
} from '../support/conformance-arms.ts';

onEachArm('watches', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  const label = (name: string, labels: Readonly<Record<string, string>>) =>
    subject.merge(subject.mapPath(name), { metadata: { labels } });

  test('of a selection tell what enters and leaves it, in order of versions', async () => {
    const { metadata } = await subject.createMap('watched', { labels: { seen: 'yes' } });
    const { events, stop } = subject.watch(CONFIG_MAPS, {
      labelSelector: 'seen=yes',
      resourceVersion: metadata.resourceVersion ?? '',
    });
    await label('watched', { seen: 'no' });
    await label('watched', { seen: 'yes' });
    await subject.ask('DELETE', subject.mapPath('watched'));
    await until(() => events.length >= 3);
    stop();
    expect(typesOf(events)).toEqual(['DELETED', 'ADDED', 'DELETED']);
    // What left is shown as it was while it belonged, with the version at which it left.
    expect(events[0]?.object.metadata.labels).toEqual({ seen: 'yes' });
    expect(isAscending(events)).toBe(true);
  });

  test('from nowhere begin with what is there', async () => {
    await subject.createMap('present', { labels: { start: 'yes' } });
    const { events, stop } = subject.watch(CONFIG_MAPS, { labelSelector: 'start=yes' });
    await until(() => events.length >= 1);
    stop();
    expect(events[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'present' } } });
  });

  test('resume from any version seen: nothing twice, nothing left out', async () => {
    const first = await subject.createMap('resumed', { labels: { turn: '0' } });
    const selector = { fieldSelector: 'metadata.name=resumed' };
    const version = first.metadata.resourceVersion ?? '';
    const one = subject.watch(CONFIG_MAPS, { ...selector, resourceVersion: version });
    for (const turn of ['1', '2']) await label('resumed', { turn });
    await until(() => one.events.length >= 2);
    one.stop();
    const seen = one.events[0]?.object.metadata.resourceVersion ?? '';
    await label('resumed', { turn: '3' });
    const two = subject.watch(CONFIG_MAPS, { ...selector, resourceVersion: seen });
    await until(() => two.events.length >= 2);
    two.stop();
    expect(two.events.map(({ object }) => object.metadata.labels?.['turn'])).toEqual(['2', '3']);
  });

  test('of a list go on where it ended', async () => {
    await subject.createMap('before', { labels: { after: 'list' } });
    const listed = await subject.ask('GET', subject.maps, undefined, {
      query: { labelSelector: 'after=list' },
    });
    const { events, stop } = subject.watch(CONFIG_MAPS, {
      labelSelector: 'after=list',
      resourceVersion: listMeta(listed).resourceVersion ?? '',
    });
    await subject.createMap('after', { labels: { after: 'list' } });
    await until(() => events.length >= 1);
    stop();
    expect(listNames(events)).toEqual(['after']);
  });

  test('with sendInitialEvents list by themselves, and say where the list ends', async () => {
    for (const name of ['i1', 'i2']) await subject.createMap(name, { labels: { initial: 'yes' } });
    const { events, ends, stop } = subject.watch(CONFIG_MAPS, {
      labelSelector: 'initial=yes',
      sendInitialEvents: 'true',
      allowWatchBookmarks: 'true',
      resourceVersionMatch: 'NotOlderThan',
    });
    await until(() => events.length >= 3 || ends.length > 0);
    // WatchList is a gate, which 1.33 has closed by default.
    const [refusal] = ends;
    if (refusal?.kind === 'refused' && refusal.status?.message?.includes('WatchList')) return;
    await subject.createMap('i3', { labels: { initial: 'yes' } });
    await until(() => events.length >= 4);
    stop();
    expect(typesOf(events)).toEqual(['ADDED', 'ADDED', 'BOOKMARK', 'ADDED']);
    expect(listNames(events.slice(0, 2)).sort()).toEqual(['i1', 'i2']);
    expect(events[2]?.object).toMatchObject({
      kind: 'ConfigMap',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
    expect(events[3]?.object.metadata.name).toBe('i3');
  });

  test('that are asked for wrongly are refused', async () => {
    const asked = async (query: Readonly<Record<string, string>>) => {
      const { ends, stop } = subject.watch(CONFIG_MAPS, query);
      await until(() => ends.length > 0);
      stop();
      const [end] = ends;
      return end?.kind === 'refused' ? [end.code, end.status?.reason] : end;
    };
    expect(await asked({ sendInitialEvents: 'true' })).toEqual([422, 'Invalid']);
    expect(await asked({ resourceVersionMatch: 'Exact', resourceVersion: '1' })).toEqual([
      422,
      'Invalid',
    ]);
    const initial = { sendInitialEvents: 'false', resourceVersion: '1' };
    expect(await asked({ ...initial, resourceVersionMatch: 'Exact' })).toEqual([422, 'Invalid']);
    const older = { resourceVersionMatch: 'NotOlderThan', continue: 'token' };
    expect(await asked({ ...initial, ...older })).toEqual([422, 'Invalid']);
    expect(await asked({ labelSelector: 'a in' })).toEqual([400, 'BadRequest']);
  });

  test('with sendInitialEvents=false begin at once, with nothing of what there is', async () => {
    await subject.createMap('o1', { labels: { onward: 'yes' } });
    const { events, ends, stop } = subject.watch(CONFIG_MAPS, {
      labelSelector: 'onward=yes',
      sendInitialEvents: 'false',
      resourceVersionMatch: 'NotOlderThan',
      timeoutSeconds: '20',
    });
    for (let n = 2; events.length === 0 && ends.length === 0; n++) {
      await subject.createMap(`o${n}`, { labels: { onward: 'yes' } });
    }
    stop();
    const [refusal] = ends;
    if (refusal?.kind === 'refused' && refusal.status?.message?.includes('WatchList')) return;
    expect(listNames(events)).not.toContain('o1');
    expect(typesOf(events)).toContain('ADDED');
  });

  test('end after timeoutSeconds, whole, and a custom kind is watched alike', async () => {
    const { events, ends } = subject.watch(DATA_VOLUMES, { timeoutSeconds: '1' });
    await subject.ask('POST', subject.volumes, subject.dataVolume('watched'));
    await until(() => ends.length > 0);
    expect(ends).toEqual([{ kind: 'closed' }]);
    expect(typesOf(events)).toContain('ADDED');
    expect(events[0]?.object.kind).toBe('DataVolume');
  });

  test('from a version that is forgotten are told so: 410', async () => {
    const other = await openSubject(forgetful(arm));
    let status: Status | undefined;
    await until(async () => {
      const { events, ends, stop } = other.watch(CONFIG_MAPS, { resourceVersion: '1' });
      await until(() => events.length + ends.length > 0, 10);
      stop();
      const [event] = events;
      if (event?.type === 'ERROR') status = event.object as unknown as Status;
      return status !== undefined;
    });
    await other.close();
    expect(status).toMatchObject({ code: 410, reason: 'Expired' });
    expect(status?.message).toMatch(/too old resource version: 1 \(\d+\)/);
  });
});

function typesOf(events: readonly WatchEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

function listNames(events: readonly WatchEvent<KubeObject>[]): string[] {
  return events.map(({ object }) => object.metadata.name);
}

function isAscending(events: readonly WatchEvent[]): boolean {
  const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
  return versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0));
}
