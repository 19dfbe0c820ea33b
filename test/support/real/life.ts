/**
 * One VM from its creation to its end, whole objects as watches brought them: what
 * `test/fixtures/kubevirt-one-vm*.json` are made of, and the simulated cluster is held against.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../../../src/api/object.ts';
import { PODS, type Resource, VIRTUAL_MACHINES, VMIS } from '../../../src/api/resources.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import {
  eventBytes,
  isUp,
  type LifeEvent,
  type LifeKind,
  live,
  MACHINE,
  prepareSnapshot,
  withoutManagers,
} from '../fidelity/kubevirt-life.ts';
import type { Arm } from './arm.ts';
import { namespace } from './kubevirt.ts';
import { apply } from './manifests.ts';

const WATCHED: readonly Resource[] = [VIRTUAL_MACHINES, VMIS, PODS];
const KINDS: readonly LifeKind[] = ['VirtualMachine', 'VirtualMachineInstance', 'Pod'];

/** Writes `life.json` into the arm's folder. */
export async function recordLife({ plane, folder }: Arm): Promise<readonly string[]> {
  const { client } = plane;
  await apply(client, namespace(MACHINE.namespace));
  const site = { client, clock: systemClock(), patience: 0.5 };
  await prepareSnapshot(site);
  const events: LifeEvent[] = [];
  const stops = await Promise.all(WATCHED.map((resource) => watch(plane.client, resource, events)));
  await live(site);
  for (const stop of stops) stop();
  const ofKind = (kind: LifeKind) =>
    events.filter((event) => event.kind === kind && event.type !== 'DELETED');
  const told = {
    source: 'the programs that the arm was opened with; nodes and virt-handler simulated',
    machine: MACHINE,
    watchedWithManagers: fromKinds((kind) => ({
      events: ofKind(kind).length,
      kilobytes: Math.round(sum(ofKind(kind).map(eventBytes)) / 1000),
    })),
    whileItRuns: fromKinds((kind) => {
      const last = ofKind(kind).findLast((each) => isUp(each) && !isGoing(each));
      return last ? withoutManagers(last.object) : {};
    }),
  };
  writeFileSync(join(folder, 'life.json'), `${JSON.stringify(told, null, 1)}\n`);
  const all = events.map((event) => JSON.stringify(event)).join('\n');
  writeFileSync(join(folder, 'life.jsonl'), `${all}\n`);
  return KINDS.filter((kind) => ofKind(kind).length === 0).map((kind) => `no ${kind} was seen`);
}

async function watch(client: Arm['plane']['client'], resource: Resource, into: LifeEvent[]) {
  const { metadata } = await client.list(resource, { namespace: MACHINE.namespace });
  const query = { resourceVersion: metadata.resourceVersion ?? '0' };
  const sink = {
    opened: () => {},
    ended: () => {},
    event: ({ type, object }: { readonly type: string; readonly object: KubeObject }) => {
      if (resource === PODS && !object.metadata.name.startsWith('virt-launcher-')) return;
      into.push({ kind: resource.kind as LifeKind, type, object });
    },
  };
  return client.watch(resource, query, sink, MACHINE.namespace);
}

function isGoing({ object }: LifeEvent): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

function fromKinds<T>(of: (kind: LifeKind) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind)]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
