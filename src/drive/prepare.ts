/** The namespace in which a run lives: made by the run, or lent to it. */

import type { KubeObject } from '../api/object.ts';
import { NAMESPACES } from '../api/resources.ts';
import { MINUTE } from '../core/duration.ts';
import { isAlreadyExists } from '../kube/api-error.ts';
import { carries } from './actions.ts';
import type { Driver } from './driver.ts';
import { persist } from './persist.ts';

/** A server that is deaf for so long will not hear of the run either. */
const PATIENCE_US = MINUTE;

/** Makes sure of the namespace; its UID where it is the run's own, to be deleted with the run. */
export async function prepareNamespace(driver: Driver): Promise<string | undefined> {
  return persist(driver.lab.clock, PATIENCE_US, () => createNamespace(driver));
}

async function createNamespace({ client, plan }: Driver): Promise<string | undefined> {
  const metadata = { name: plan.namespace, labels: plan.labels };
  const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata };
  try {
    return (await client.create(NAMESPACES, object)).metadata.uid;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await client.get(NAMESPACES, { name: plan.namespace });
    return carries(existing, plan.labels) ? existing.metadata.uid : undefined;
  }
}
