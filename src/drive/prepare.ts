/** The namespace in which a run lives: made by the run, or lent to it. */

import type { KubeObject } from '../api/object.ts';
import { NAMESPACES } from '../api/resources.ts';
import { MINUTE } from '../core/duration.ts';
import { isAlreadyExists } from '../kube/api-error.ts';
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
    if (!isAlreadyExists(error)) throw error;
  }
}
