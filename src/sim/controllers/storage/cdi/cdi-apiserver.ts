/**
 * cdi-apiserver: what its webhooks ask the API server before a DataVolume is created or updated,
 * and so how fast DataVolumes are admitted. Its clients have client-go's limits, one bucket for
 * each group of the API, in which every write stands in line: CDI's own updates as well, but no
 * write of a status (CDI v1.58.4 and v1.66.0 pkg/apiserver/webhooks/datavolume-mutate.go and
 * -validate.go, pkg/operator/resources/cluster/apiserver.go). What they refuse without a question
 * is in data-volume-admission.ts.
 */

import type { KubeObject } from '../../../../api/object.ts';
import {
  CDI_CONFIGS,
  CLAIMS,
  DATA_SOURCES,
  DATA_VOLUMES,
  NAMESPACES,
  type Resource,
  SNAPSHOTS,
} from '../../../../api/resources.ts';
import type { DataVolume } from '../../../../api/storage.ts';
import { TransportError } from '../../../../api/transport.ts';
import { ApiError, ignoreNotFound, isNotFound } from '../../../../kube/api-error.ts';
import type { KubeClient } from '../../../../kube/client.ts';
import { has } from '../../../../parameters/release.ts';
import { limitedPerGroup } from '../../chassis/buckets.ts';
import { type Asker, lacksCloneRight, mayClone } from '../../chassis/clone-right.ts';
import { findController, isDeleting } from '../../chassis/ownership.ts';
import {
  type Answer,
  answeredInTime,
  denied,
  inTime,
  requestTimedOut,
  type Webhook,
} from '../../chassis/webhook-answers.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION } from '../vocabulary.ts';
import { getAnnotation } from './cdi.ts';
import { findCloneProblem } from './clone-size.ts';
import { DATA_VOLUME_WEBHOOKS, listProblems } from './data-volume-admission.ts';
import type { CloneSource } from './data-volume-source.ts';

/** A write of a DataVolume that the server is about to do. */
export interface DataVolumeWrite {
  readonly namespace: string;
  /** As it was sent, or as it is stored where only a patch was sent. */
  readonly object: KubeObject;
  /** As it is before; undefined where the write creates it. */
  readonly stored: KubeObject | undefined;
  /** Who writes; undefined where that is a controller of this process. */
  readonly user: Asker | undefined;
}

/** Undefined where nothing has to be asked; else resolves with the refusal, if there is one. */
export type DataVolumeGate = (write: DataVolumeWrite) => Promise<Answer | undefined> | undefined;

/** By kind: what its writes wait for. */
export type StorageGates = readonly (readonly [Resource, DataVolumeGate])[];

export function startCdiApiserver(lab: StorageLab): StorageGates {
  const { clock, parameters } = lab;
  const client = lab.clientAs('cdi-apiserver', limitedPerGroup(clock, parameters.cdiApi));
  const { timeoutUs } = parameters.cdiApi;
  const webhook = (name: string, path: string): Webhook => ({
    name,
    url: `https://cdi-api.openshift-cnv.svc:443/${path}`,
    timeoutUs,
  });
  const room: Room = {
    lab,
    client,
    mutating: webhook(DATA_VOLUME_WEBHOOKS.mutating, 'datavolume-mutate'),
    validating: webhook(DATA_VOLUME_WEBHOOKS.validating, 'datavolume-validate'),
    looksAtSources: has(parameters, 'sourceReadAtAdmission'),
  };
  const gate: DataVolumeGate = (write) => {
    const { object, stored } = write;
    if (isDeleting(stored ?? object)) return undefined;
    // What was asked stays asked: the tokens are spent whoever still waits for the answer.
    return inTime(clock, parameters.api.requestTimeoutUs, admit(room, write), requestTimedOut);
  };
  return [[DATA_VOLUMES, gate]];
}

interface Room {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly mutating: Webhook;
  readonly validating: Webhook;
  readonly looksAtSources: boolean;
}

async function admit(room: Room, write: DataVolumeWrite): Promise<Answer | undefined> {
  const { clock } = room.lab;
  const refused = await answeredInTime(clock, room.mutating, mutate(room, write));
  if (refused || write.stored) return refused;
  return answeredInTime(clock, room.validating, validate(room, write));
}

/** May the writer clone from there? It is asked again at every update. */
async function mutate(room: Room, write: DataVolumeWrite): Promise<Answer | undefined> {
  const { client, mutating } = room;
  const dataVolume = write.object as DataVolume;
  const canDoWithout =
    getAnnotation(dataVolume, ANNOTATION.prePopulated) !== undefined ||
    getAnnotation(dataVolume, ANNOTATION.checkStaticVolume) !== undefined;
  try {
    if (room.looksAtSources && !write.stored) {
      await ignoreNotFound(client.get(CDI_CONFIGS, { name: 'config' }));
    }
    const source = await findSource(client, dataVolume, write.namespace);
    if (!source) return undefined;
    await client.get(NAMESPACES, { name: source.namespace });
    if (source.namespace === write.namespace) return undefined;
    const asker = write.user ?? INSIDER;
    if (canDoWithout || (await mayClone(client, source, asker))) return undefined;
    const message = lacksCloneRight(source, asker);
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.source.PVC.namespace' };
    return denied(mutating, 422, ` ${message}`, { causes: [cause] });
  } catch (error) {
    if (isNotFound(error) && canDoWithout) return undefined;
    return denied(mutating, 400, reasonOf(error));
  }
}

/** Controllers of this process may do everything. */
const INSIDER: Asker = { username: 'system:apiserver', groups: ['system:masters'] };

/** What a clone is of, as its author or a DataSource names it; undefined of other DataVolumes. */
async function findSource(
  client: KubeClient,
  { spec }: Partial<DataVolume>,
  home: string,
): Promise<CloneSource | undefined> {
  const { source, sourceRef } = spec ?? {};
  if (source) return cloneOf(source, home);
  if (sourceRef?.kind !== 'DataSource') return undefined;
  const namespace = sourceRef.namespace ?? home;
  const { name } = sourceRef;
  const dataSource = await client.get(DATA_SOURCES, { namespace, name });
  return cloneOf(dataSource.spec.source, home);
}

function cloneOf(
  { pvc, snapshot }: Pick<NonNullable<DataVolume['spec']['source']>, 'pvc' | 'snapshot'>,
  home: string,
): CloneSource | undefined {
  const found = pvc ?? snapshot;
  if (!found) return undefined;
  const { namespace = home, name } = found;
  return { kind: pvc ? 'pvc' : 'snapshot', namespace, name };
}

/** Is there a claim of its name, and is the source as it should be? Only asked of new ones. */
async function validate(room: Room, write: DataVolumeWrite): Promise<Answer | undefined> {
  const { client, validating } = room;
  const { namespace } = write;
  const dataVolume = write.object as DataVolume;
  // A name that the server will make up is one that no claim has yet.
  const name = dataVolume.metadata.name || `${dataVolume.metadata.generateName ?? ''}new`;
  try {
    const claim = await ignoreNotFound(client.get(CLAIMS, { namespace, name }));
    if (claim && !mayBeThere(claim, dataVolume)) {
      const message = `Destination PVC ${namespace}/${name} already exists`;
      const cause = { reason: 'FieldValueDuplicate', message, field: 'DataVolume.Name' };
      return denied(validating, 422, ` ${message}`, { causes: [cause] });
    }
    if (!room.looksAtSources || listProblems(dataVolume).length > 0) return undefined;
    const source = await findSource(client, dataVolume, namespace);
    const message = source && (await problemOf(client, source, dataVolume));
    if (message === undefined) return undefined;
    const field = dataVolume.spec.sourceRef
      ? 'spec.sourceRef'
      : `spec.source.${source?.kind === 'pvc' ? 'PVC' : 'Snapshot'}`;
    const cause = { reason: 'FieldValueInvalid', message, field };
    return denied(validating, 422, ` ${message}`, { causes: [cause] });
  } catch (error) {
    return denied(validating, 400, reasonOf(error));
  }
}

/** It was filled for the DataVolume, or is that of one before it. */
function mayBeThere(claim: KubeObject, dataVolume: DataVolume): boolean {
  const { name } = dataVolume.metadata;
  if (getAnnotation(claim, ANNOTATION.populatedFor) === name) return true;
  if (getAnnotation(dataVolume, ANNOTATION.allowClaimAdoption) === 'true') return true;
  return findController(claim, 'DataVolume') !== undefined;
}

/** What is missing may come yet. */
async function problemOf(
  client: KubeClient,
  { kind, ...ref }: CloneSource,
  dataVolume: DataVolume,
): Promise<string | undefined> {
  const resource = kind === 'pvc' ? CLAIMS : SNAPSHOTS;
  const source = await ignoreNotFound(client.get<KubeObject>(resource, ref));
  return source && findCloneProblem(dataVolume.spec, kind, source);
}

function reasonOf(error: unknown): string {
  if (error instanceof ApiError) return error.status?.message ?? error.message;
  if (error instanceof TransportError) return error.message;
  throw error;
}
