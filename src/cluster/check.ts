/**
 * One thing that must hold before a run starts. A finding is said in one line with its remedy; a
 * failed check stops the run before anything is created, a warning stops it under --strict.
 */

import type { VirtualMachine } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import { NAMESPACES, type Resource } from '../api/resources.ts';
import { ApiError, ignoreNotFound, isForbidden, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { listAll } from '../kube/list-all.ts';
import type { ObjectRef } from '../kube/paths.ts';
import type { KindRight } from './kind-rights.ts';
import type { Places } from './permissions.ts';

export type CheckVerdict = 'pass' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: `storage class`. */
  readonly check: string;
  readonly verdict: CheckVerdict;
  readonly found: string;
  /** What the user can do; absent where all is well. */
  readonly remedy?: string;
}

/** What steps may bring that others stand on. */
export type Brought = 'virtualization' | 'storage';

/** What the run will ask of the cluster, as far as checks need to know. */
export interface Demand extends Places {
  readonly runId: string;
  /** By steps of the scenario, before anything asks for it. */
  readonly brings: ReadonlySet<Brought>;
  /** On kinds that the scenario itself names. */
  readonly kinds: readonly KindRight[];
  /** The label that all objects of all runs carry; its value is the run's id. */
  readonly runLabel: string;
  readonly storageClass: string;
  readonly snapshotClass: string | undefined;
  readonly volumeMode: string;
  readonly accessModes: readonly string[];
  readonly vms: readonly VmDemand[];
  readonly vmsCreated: number;
  readonly dataVolumes: number;
  readonly storageBytes: number;
  /** True where a clone of a PVC is timed. */
  readonly clonesClaims: boolean;
  /** Steps that wait for volumes which nobody uses meanwhile, and that do not ask for it. */
  readonly waitsUnused: readonly { readonly step: string; readonly remedy: string }[];
  /** True where VMs are started through KubeVirt's subresource. */
  readonly startsBySubresource: boolean;
  /** Each once. */
  readonly origins: readonly CloneOrigin[];
  /** All that the plan creates, and the claims and disks that come with it. */
  readonly made: readonly MadeName[];
  /** Where images come from; nobody but CDI's importer can say whether they are there. */
  readonly imageUrls: readonly string[];
  /** That run where bench runs, and for which --allow-exec has to be given. */
  readonly programs: readonly string[];
  /** One object of each kind that will be created, for a dry run. */
  readonly samples: readonly { readonly resource: Resource; readonly object: KubeObject }[];
}

/** What a disk is cloned from that the run does not make. */
export interface CloneOrigin extends MadeName {
  readonly kind: 'PersistentVolumeClaim' | 'VolumeSnapshot' | 'DataSource';
  /** Of the smallest disk that is cloned from it. */
  readonly targetBytes: number | undefined;
}

export interface MadeName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface VmDemand {
  readonly template: string;
  /** VMs that will run at the same time. */
  readonly count: number;
  /** One of them as it will be created; undefined where the plan does not create it. */
  readonly vm: VirtualMachine | undefined;
}

export interface CheckLab {
  readonly client: KubeClient;
  /** Its address, for messages. */
  readonly server: string;
  readonly demand: Demand;
  /** Microseconds since the Unix epoch, by this machine. */
  readonly wallUs: () => number;
}

export type Check = (lab: CheckLab) => Promise<readonly Finding[]>;

export function pass(check: string, found: string): Finding {
  return { check, verdict: 'pass', found };
}

export function warn(check: string, found: string, remedy: string): Finding {
  return { check, verdict: 'warn', found, remedy };
}

export function fail(check: string, found: string, remedy: string): Finding {
  return { check, verdict: 'fail', found, remedy };
}

/** The object, or undefined where there is none or its kind is not served. */
export async function find<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  ref: ObjectRef,
): Promise<T | undefined> {
  return await ignoreNotFound(client.get(resource, ref));
}

/** All objects; none where the kind is not served. */
export async function findAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: { readonly namespace?: string; readonly labelSelector?: string } = {},
): Promise<readonly T[]> {
  try {
    return await listAll(client, resource, options);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** The run will have to make its namespace. One that nobody shows us is taken to be there. */
export async function isHomeAbsent({ client, demand }: CheckLab): Promise<boolean> {
  try {
    return (await find(client, NAMESPACES, { name: demand.namespace })) === undefined;
  } catch (error) {
    if (isForbidden(error)) return demand.makesNamespace;
    throw error;
  }
}

/** A check that could not look is no passed one; who we are is explained once, for all checks. */
export async function guarded(
  name: string,
  lab: CheckLab,
  check: Check,
): Promise<readonly Finding[]> {
  try {
    return await check(lab);
  } catch (error) {
    if (isForbidden(error)) {
      // Kubernetes repeats the path and who we are; the permissions have told what it is for.
      const why = /cannot .*/.exec(error.message)?.[0] ?? error.message;
      return [warn(name, `not allowed to look: ${why}`, 'bind the roles of deploy/')];
    }
    if (error instanceof ApiError && error.code !== 401) {
      return [fail(name, error.message, 'see the message of the server')];
    }
    throw error;
  }
}
