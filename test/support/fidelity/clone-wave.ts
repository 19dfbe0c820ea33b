/**
 * A wave of clones as it was recorded on real controllers: objects asked for at a fixed rate, with
 * the stations of the recording's driver (no variation) and the travel times of its small cluster.
 */

import type { KubeObject } from '../../../src/api/object.ts';
import { DATA_VOLUMES, STORAGE_PROFILES } from '../../../src/api/resources.ts';
import type {
  DataVolume,
  DataVolumeSource,
  PersistentVolume,
  PersistentVolumeClaim,
} from '../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../src/core/duration.ts';
import {
  CLASS,
  createStorageCluster,
  dataVolume,
  prepareGolden,
  type StorageCluster,
} from '../../sim/controllers/storage/cluster.ts';
import { RECORDED_API } from './recorded-api.ts';

export type WaveName = 'snapshot' | 'csiClone' | 'smartClone';

export interface WaveOptions {
  readonly objects?: number;
  readonly perSecond?: number;
  readonly seed?: number;
}

/** Seconds since the first request; what never happened is undefined. */
export interface CloneTimes {
  readonly sent: number;
  readonly phases: readonly string[];
  readonly clonePhases: readonly string[];
  readonly claim: number | undefined;
  readonly temporaryClaim: number | undefined;
  readonly temporaryBound: number | undefined;
  readonly volume: number | undefined;
  readonly bound: number | undefined;
  readonly succeeded: number | undefined;
  readonly events: number;
  readonly claimEvents: number;
  readonly temporaryEvents: number;
}

export interface WaveResult {
  readonly clones: readonly CloneTimes[];
  /** By component, then by `METHOD resource` with ` 409` and the like where it was refused. */
  readonly requests: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly aborted: number;
}

/** The time of the volume binder is what was seen between its volume and its claim. */
const RECORDED_CLUSTER = {
  api: RECORDED_API,
  volumeBinder: { bindTime: 40_000 },
  rbd: { variation: 0 },
};

/**
 * While the smart clones were asked for, that machine was busy: between a request and its event lay
 * 0.22 s (0.02 and 0.03 s in the other two recordings), for as long as new claims were made.
 */
const BUSY_START = { forUs: 18 * SECOND, extraUs: 130_000 };

const SOURCES: Readonly<Record<WaveName, DataVolumeSource>> = {
  snapshot: { snapshot: { name: 'golden-snapshot' } },
  csiClone: { pvc: { name: 'golden' } },
  smartClone: { pvc: { name: 'golden' } },
};

export async function runCloneWave(name: WaveName, options: WaveOptions = {}): Promise<WaveResult> {
  const { objects = 100, perSecond = 50, seed = 1 } = options;
  const requests = new Map<string, Map<string, number>>();
  let counts = false;
  let busyUntilUs = 0;
  const cluster = createStorageCluster({
    seed,
    recordEvents: true,
    // As it was recorded.
    webhooks: false,
    overrides: RECORDED_CLUSTER,
    extraDelayUs: (nowUs) => (nowUs < busyUntilUs ? BUSY_START.extraUs : 0),
    onRequest: (component, { method, path, status }) => {
      if (counts) count(requests, component, describeRequest(method, path, status));
    },
  });
  let clones: readonly CloneTimes[] = [];
  await cluster.kernel.run(async () => {
    await prepareGolden(cluster);
    if (name === 'smartClone') await chooseSnapshots(cluster);
    await cluster.kernel.sleep(seconds(20));
    counts = true;
    if (name === 'smartClone') busyUntilUs = cluster.kernel.nowUs() + BUSY_START.forUs;
    clones = await cloneAll(cluster, SOURCES[name], { objects, perSecond });
    // What a finished clone leaves to be cleaned up belongs to its requests.
    await cluster.kernel.sleep(seconds(60));
  });
  cluster.controllers.stop();
  return { clones, requests, aborted: cluster.rbd.counters().aborted };
}

async function chooseSnapshots({ client }: StorageCluster): Promise<void> {
  await client.patch(STORAGE_PROFILES, { name: CLASS }, { spec: { cloneStrategy: 'snapshot' } });
}

function describeRequest(method: string, path: string, status = 200): string {
  const parts = path.split('/').filter((part) => part !== '');
  const afterNamespace = parts.indexOf('namespaces') + 2;
  const start = parts[0] === 'api' ? 2 : 3;
  const resource = parts[parts.includes('namespaces') ? afterNamespace : start] ?? '';
  return `${method} ${resource}${status >= 400 ? ` ${status}` : ''}`;
}

function count(table: Map<string, Map<string, number>>, component: string, what: string): void {
  const row = table.get(component) ?? new Map<string, number>();
  table.set(component, row);
  row.set(what, (row.get(what) ?? 0) + 1);
}

type Draft = { -readonly [K in keyof CloneTimes]: CloneTimes[K] } & {
  phases: string[];
  clonePhases: string[];
};

async function cloneAll(
  cluster: StorageCluster,
  source: DataVolumeSource,
  { objects, perSecond }: { readonly objects: number; readonly perSecond: number },
): Promise<readonly CloneTimes[]> {
  const { kernel, client, server } = cluster;
  const startUs = kernel.nowUs();
  const drafts = new Map<string, Draft>();
  let left = objects;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const byUid = new Map<string, string>();
  server.onCommit(({ event }, { resource }) => {
    const at = (kernel.nowUs() - startUs) / SECOND;
    const isFirst = follow(drafts, byUid, { event, plural: resource.plural, at });
    if (!isFirst) return;
    left -= 1;
    if (left === 0) kernel.schedule(0, finish);
  });
  for (let i = 0; i < objects; i++) {
    kernel.schedule(Math.round((i / perSecond) * SECOND), () => {
      const name = `clone-${i}`;
      drafts.set(name, emptyDraft((kernel.nowUs() - startUs) / SECOND));
      void client.create(DATA_VOLUMES, dataVolume(name, source));
    });
  }
  await finished;
  await kernel.sleep(seconds(30));
  return [...drafts.values()];
}

function emptyDraft(sent: number): Draft {
  return {
    sent,
    phases: [],
    clonePhases: [],
    claim: undefined,
    temporaryClaim: undefined,
    temporaryBound: undefined,
    volume: undefined,
    bound: undefined,
    succeeded: undefined,
    events: 0,
    claimEvents: 0,
    temporaryEvents: 0,
  };
}

interface Seen {
  readonly event: { readonly type: string; readonly object: KubeObject };
  readonly plural: string;
  readonly at: number;
}

/** Whether the event is a clone's first sight of success. */
function follow(drafts: Map<string, Draft>, byUid: Map<string, string>, seen: Seen): boolean {
  const { object } = seen.event;
  const { name, uid = '' } = object.metadata;
  if (seen.plural === 'datavolumes') return followDataVolume(drafts.get(name), seen);
  if (seen.plural === 'persistentvolumeclaims') {
    if (drafts.has(name)) byUid.set(uid, name);
    const own = drafts.get(name);
    if (own) followClaim(own, seen);
    const owner = /^tmp-pvc-(.*)$/.exec(name)?.[1];
    const draft = drafts.get(byUid.get(owner ?? '') ?? '');
    if (draft) followTemporary(draft, seen, () => byUid.set(uid, byUid.get(owner ?? '') ?? ''));
  }
  if (seen.plural === 'persistentvolumes' && seen.event.type === 'ADDED') {
    const claimUid = (object as PersistentVolume).spec.claimRef?.uid ?? '';
    const draft = drafts.get(byUid.get(claimUid) ?? '');
    if (draft) draft.volume ??= seen.at;
  }
  return false;
}

function followDataVolume(draft: Draft | undefined, { event, at }: Seen): boolean {
  if (!draft) return false;
  const phase = (event.object as DataVolume).status?.phase ?? '';
  draft.events += 1;
  if (draft.phases.at(-1) !== phase) draft.phases.push(phase);
  if (phase !== 'Succeeded' || draft.succeeded !== undefined) return false;
  draft.succeeded = at;
  return true;
}

function followClaim(draft: Draft, { event, at }: Seen): void {
  const claim = event.object as PersistentVolumeClaim;
  const phase = claim.metadata.annotations?.['cdi.kubevirt.io/clonePhase'] ?? '';
  draft.claim ??= at;
  draft.claimEvents += 1;
  if (draft.clonePhases.at(-1) !== phase) draft.clonePhases.push(phase);
  if (claim.status?.phase === 'Bound') draft.bound ??= at;
}

function followTemporary(draft: Draft, { event, at }: Seen, remember: () => void): void {
  remember();
  draft.temporaryClaim ??= at;
  draft.temporaryEvents += 1;
  const claim = event.object as PersistentVolumeClaim;
  if (claim.status?.phase === 'Bound') draft.temporaryBound ??= at;
}
