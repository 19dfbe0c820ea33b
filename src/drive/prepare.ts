/** The namespace in which a run lives: made by the run, or lent to it. */

import type { KubeObject } from '../api/object.ts';
import { NAMESPACES } from '../api/resources.ts';
import { MINUTE } from '../core/duration.ts';
import { isAlreadyExists, isForbidden, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Driver } from './driver.ts';
import { persist } from '../kube/persist.ts';

/** A server that is deaf for so long will not hear of the run either. */
const PATIENCE_US = MINUTE;

/** Makes sure of the namespace, which carries the run's labels where it is the run's own. */
export async function prepareNamespace(driver: Driver): Promise<void> {
  const { lab, stop } = driver;
  const patience = { clock: lab.clock, patienceUs: PATIENCE_US, signal: stop.signal };
  await persist(patience, () => createNamespace(driver));
}

async function createNamespace({ client, plan }: Driver): Promise<void> {
  const metadata = { name: plan.namespace, labels: plan.labels };
  const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata };
  try {
    await client.create(NAMESPACES, object);
  } catch (error) {
    if (isAlreadyExists(error)) return;
    if (!isForbidden(error) || !(await isThere(client, plan.namespace))) throw error;
  }
}

/** Who may create no namespace can still be lent one. */
async function isThere(client: KubeClient, name: string): Promise<boolean> {
  try {
    await client.get(NAMESPACES, { name });
    return true;
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return false;
    throw error;
  }
}
