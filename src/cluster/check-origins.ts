/**
 * Is what disks are cloned from there, ready, small enough and unused? CDI waits for a source that
 * is not, for as long as it takes (pkg/controller/clone IsSourceClaimReady, and
 * ValidateRequestedCloneSize), and a run would wait with it.
 */

import {
  CLAIMS,
  DATA_SOURCES,
  DATA_VOLUMES,
  PODS,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../api/resources.ts';
import type { DataSource, PersistentVolumeClaim, VolumeSnapshot } from '../api/storage.ts';
import { formatQuantity, parseBytes } from '../core/bytes.ts';
import { type CheckLab, type CloneOrigin, fail, type Finding, findAll, pass } from './check.ts';

const CHECK = 'clone source';

export async function checkOrigins(lab: CheckLab): Promise<readonly Finding[]> {
  const findings = await Promise.all(lab.demand.origins.map((origin) => checkOrigin(lab, origin)));
  return findings.flat();
}

async function checkOrigin(lab: CheckLab, origin: CloneOrigin): Promise<readonly Finding[]> {
  if (origin.kind === 'PersistentVolumeClaim') return checkClaim(lab, origin);
  if (origin.kind === 'VolumeSnapshot') return checkSnapshot(lab, origin);
  return checkDataSource(lab, origin);
}

async function checkClaim(lab: CheckLab, origin: CloneOrigin): Promise<readonly Finding[]> {
  const claim = await findOrigin<PersistentVolumeClaim>(lab, CLAIMS, origin);
  if ('verdict' in claim) return [claim];
  const { phase = 'Pending' } = claim.status ?? {};
  if (phase !== 'Bound') {
    return [unready(origin, `is ${phase} and not Bound`, 'wait until it is filled')];
  }
  const users = await podsUsing(lab, origin);
  const [user] = users;
  if (user !== undefined) {
    const more = users.length > 1 ? ` and ${users.length - 1} more` : '';
    const found = `is in use by Pod ${origin.namespace}/${user}${more}`;
    return [unready(origin, found, 'stop what uses it, or clone from a snapshot of it')];
  }
  return [fitting(origin, claim.spec.resources?.requests?.['storage'])];
}

async function checkSnapshot(lab: CheckLab, origin: CloneOrigin): Promise<readonly Finding[]> {
  const snapshot = await findOrigin<VolumeSnapshot>(lab, SNAPSHOTS, origin);
  if ('verdict' in snapshot) return [snapshot];
  const { readyToUse, restoreSize, error } = snapshot.status ?? {};
  if (readyToUse !== true) {
    const why = error?.message === undefined ? '' : `: ${error.message}`;
    return [unready(origin, `is not ready to use${why}`, 'wait until it is, or take another')];
  }
  return [fitting(origin, restoreSize)];
}

/** What it stands for is what is cloned. */
async function checkDataSource(lab: CheckLab, origin: CloneOrigin): Promise<readonly Finding[]> {
  const found = await findOrigin<DataSource>(lab, DATA_SOURCES, origin);
  if ('verdict' in found) return [found];
  const { pvc, snapshot } = { ...found.spec.source, ...found.status?.source };
  const named = pvc ?? snapshot;
  if (named === undefined) {
    return [unready(origin, 'stands for nothing yet', 'wait until its image is imported')];
  }
  const kind = pvc ? 'PersistentVolumeClaim' : 'VolumeSnapshot';
  const { namespace = origin.namespace, name } = named;
  return checkOrigin(lab, { ...origin, kind, namespace, name });
}

/** By a list, for which the rights are there; what is absent comes with what is there. */
async function findOrigin<T extends PersistentVolumeClaim | VolumeSnapshot | DataSource>(
  { client }: CheckLab,
  resource: Resource<T>,
  origin: CloneOrigin,
): Promise<T | Finding> {
  const { namespace, name } = origin;
  const all = await findAll(client, resource, { namespace });
  const found = all.find(({ metadata }) => metadata.name === name);
  if (found === undefined) {
    const names = all.slice(0, NAMED_MAX).map(({ metadata }) => metadata.name);
    const there = names.length === 0 ? 'none is there' : `there are: ${names.join(', ')}`;
    return unready(origin, 'does not exist', `name another in the scenario (${there})`);
  }
  if (found.metadata.deletionTimestamp === undefined) return found;
  return unready(origin, 'is being deleted', 'name another in the scenario');
}

const NAMED_MAX = 10;

/** Names of pods that are not over. */
async function podsUsing({ client }: CheckLab, origin: CloneOrigin): Promise<readonly string[]> {
  const pods = await findAll(client, PODS, { namespace: origin.namespace });
  return pods
    .filter(
      ({ spec, status }) =>
        status?.phase !== 'Succeeded' &&
        status?.phase !== 'Failed' &&
        spec.volumes?.some((it) => it.persistentVolumeClaim?.claimName === origin.name),
    )
    .map(({ metadata }) => metadata.name);
}

function fitting(origin: CloneOrigin, size: string | undefined): Finding {
  const bytes = size === undefined ? undefined : parseBytes(size);
  const { targetBytes } = origin;
  if (bytes === undefined || targetBytes === undefined || targetBytes >= bytes) {
    return pass(CHECK, `${textOf(origin)}${size === undefined ? '' : ` of ${size}`}`);
  }
  const found = `has ${size}, and a disk of ${formatQuantity(targetBytes)} is cloned from it`;
  return unready(origin, found, `give the image or disk a size of ${size} or more`);
}

function unready(origin: CloneOrigin, found: string, remedy: string): Finding {
  return fail(CHECK, `${textOf(origin)} ${found}`, remedy);
}

function textOf({ kind, namespace, name }: CloneOrigin): string {
  return `${kind} ${namespace}/${name}`;
}

const MADE: readonly Resource[] = [VIRTUAL_MACHINES, DATA_VOLUMES, CLAIMS, SNAPSHOTS];

/** In a namespace that others use too, what the plan creates may be there already. */
export async function checkNames({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const namespace of demand.namespaces) {
    for (const resource of MADE) {
      const made = demand.made.filter((it) => it.kind === resource.kind);
      const names = new Set(made.flatMap((it) => (it.namespace === namespace ? [it.name] : [])));
      if (names.size === 0) continue;
      const there = await findAll(client, resource, { namespace });
      const taken = there.map(({ metadata }) => metadata.name).filter((name) => names.has(name));
      if (taken.length > 0) findings.push(takenNames(resource.kind, namespace, taken));
    }
  }
  return findings.length > 0 ? findings : [pass('names', 'all that will be made are free')];
}

function takenNames(kind: string, namespace: string, taken: readonly string[]): Finding {
  const more = taken.length > 3 ? ` and ${taken.length - 3} more` : '';
  const found = `taken already in ${namespace}: ${kind} ${taken.slice(0, 3).join(', ')}${more}`;
  return fail('names', found, 'remove them, or name another namespace or other objects');
}
