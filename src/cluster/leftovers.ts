/**
 * What runs have left on a cluster. The label alone proves nothing, since a manifest copied by
 * somebody else brings it along; only what the run's history recorded counts, or what the API
 * server credits to the run; the rest is shown and left alone.
 */

import type { KubeObject, ObjectMeta } from '../api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  VMIS,
  NAMESPACES,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../api/resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { isMadeBySomeRun } from '../kube/maker.ts';
import { find, findAll } from './check.ts';

export interface Leftover {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  /** The run that it carries the label of. */
  readonly run: string;
  readonly metadata: ObjectMeta;
}

export interface Leftovers {
  /** To be deleted, in this order; what they own goes with them. */
  readonly objects: readonly Leftover[];
  /** Carry the label, but nothing proves that the run made them. */
  readonly strangers: readonly Leftover[];
  /** UIDs of `objects` and of what they own. */
  readonly family: ReadonlySet<string>;
  /** Those of claims among them: volumes go with them. */
  readonly claims: ReadonlySet<string>;
}

export interface LeftoverQuery {
  readonly runLabel: string;
  /** All runs where undefined. */
  readonly run?: string | undefined;
  /** Runs that are not asked about, where all are. */
  readonly exceptRuns?: readonly string[] | undefined;
  /** Kinds to look for beside those of every run; what was made last goes first. */
  readonly kinds?: readonly Resource[] | undefined;
  /** Where to look; on the whole cluster where undefined. */
  readonly namespaces?: readonly string[] | undefined;
  /** Whether the run made it; undefined: whatever the API server credits to any run of bench. */
  readonly isMade?: ((leftover: Leftover) => boolean) | undefined;
}

/** Who uses a disk goes before the disk, clones before what they were cloned from. */
const KINDS: readonly Resource[] = [
  VIRTUAL_MACHINES,
  VMIS,
  DATA_VOLUMES,
  CLAIMS,
  SNAPSHOTS,
  NAMESPACES,
];

/** Throws ApiError and TransportError. */
export async function findLeftovers(client: KubeClient, query: LeftoverQuery): Promise<Leftovers> {
  const { runLabel, isMade = ({ metadata }) => isMadeBySomeRun(metadata) } = query;
  const objects: Leftover[] = [];
  const strangers: Leftover[] = [];
  const claims = new Set<string>();
  const family = new Set<string>();
  const labelled = new Set<string>();
  for (const resource of kindsOf(query)) {
    const found = await listLabelled(client, resource, query);
    for (const { metadata } of found) labelled.add(metadata.uid ?? '');
    for (const object of found) {
      const leftover = makeLeftover(resource, object, runLabel);
      const grown = isOwned(object, family);
      if (!grown && isOwned(object, labelled)) continue;
      if (!grown && !isMade(leftover)) {
        strangers.push(leftover);
        continue;
      }
      family.add(leftover.uid);
      if (resource === CLAIMS) claims.add(leftover.uid);
      if (!grown) objects.push(leftover);
    }
  }
  return { objects, strangers, family, claims };
}

/** What was made of any kind may use what every run makes, so it goes first. */
function kindsOf({ kinds = [] }: LeftoverQuery): readonly Resource[] {
  const isKnown = ({ group, plural }: Resource) =>
    KINDS.some((known) => known.group === group && known.plural === plural);
  return [...kinds.filter((kind) => !isKnown(kind)).toReversed(), ...KINDS];
}

/** What carries the label of the runs in question; nothing where the kind is not served. */
export async function listLabelled(
  client: KubeClient,
  resource: Resource,
  query: LeftoverQuery,
): Promise<readonly KubeObject[]> {
  const { namespaces } = query;
  const labelSelector = formatSelector(query);
  const isElsewhere = !resource.namespaced && resource !== NAMESPACES;
  if (namespaces === undefined || isElsewhere) return findAll(client, resource, { labelSelector });
  const parts = namespaces.map((namespace) =>
    resource === NAMESPACES
      ? findLabelledNamespace(client, namespace, query)
      : findAll(client, resource, { namespace, labelSelector }),
  );
  return (await Promise.all(parts)).flat();
}

function formatSelector({ runLabel, run, exceptRuns = [] }: LeftoverQuery): string {
  if (run !== undefined) return `${runLabel}=${run}`;
  if (exceptRuns.length === 0) return runLabel;
  return `${runLabel},${runLabel} notin (${exceptRuns.join(',')})`;
}

/** By its name: who has rights within a namespace alone may not list them. */
async function findLabelledNamespace(
  client: KubeClient,
  name: string,
  { runLabel, run, exceptRuns }: LeftoverQuery,
): Promise<readonly KubeObject[]> {
  const found = await find(client, NAMESPACES, { name });
  const label = found?.metadata.labels?.[runLabel];
  const isAsked = label !== undefined && (run ?? label) === label && !exceptRuns?.includes(label);
  return found && isAsked ? [found] : [];
}

/** It goes when its owner goes. */
function isOwned({ metadata }: KubeObject, uids: ReadonlySet<string>): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uids.has(uid)) ?? false;
}

function makeLeftover(resource: Resource, { metadata }: KubeObject, runLabel: string): Leftover {
  const { namespace, name, uid = '', labels } = metadata;
  return { resource, namespace, name, uid, run: labels?.[runLabel] ?? '', metadata };
}
