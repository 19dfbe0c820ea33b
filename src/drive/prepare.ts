/** The namespace in which a run lives: made by the run, or lent to it. */

import type { KubeObject } from '../api/object.ts';
import { NAMESPACES } from '../api/resources.ts';
import { MINUTE } from '../core/duration.ts';
import { isAlreadyExists, isForbidden, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { creationQuery, isMadeBy } from '../kube/maker.ts';
import type { Driver } from './driver.ts';
import { retry } from '../kube/retry.ts';

/** A server that is deaf for so long will not hear of the run either. */
const RETRY_TIMEOUT_US = MINUTE;

/** Makes sure of the namespace, which carries the run's labels where it is the run's own. */
export async function prepareNamespace(driver: Driver): Promise<void> {
  const { lab, stop } = driver;
  const rng = lab.rng.fork('prepare');
  const policy = { clock: lab.clock, rng, timeoutUs: RETRY_TIMEOUT_US, signal: stop.signal };
  await retry(policy, () => createNamespace(driver));
}

async function createNamespace({ client, plan, lab, notebook }: Driver): Promise<void> {
  const name = plan.namespace;
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: plan.labels },
  };
  const made = (u: string | undefined) => {
    const t = notebook.nowUs();
    if (u !== undefined) notebook.write({ e: 'made', t, k: NAMESPACES.kind, n: name, u });
  };
  try {
    const { metadata } = await client.create(NAMESPACES, object, creationQuery(lab.maker).query);
    made(metadata.uid);
  } catch (error) {
    if (isAlreadyExists(error)) {
      const found = lab.maker && (await find(client, name));
      // The answer to our first request was lost; anybody else's namespace is lent to us.
      if (found && isMadeBy(found.metadata, lab.maker ?? '')) made(found.metadata.uid);
      return;
    }
    if (!isForbidden(error) || !(await find(client, name))) throw error;
  }
}

/** Who may create no namespace can still be lent one. */
async function find(client: KubeClient, name: string): Promise<KubeObject | undefined> {
  try {
    return await client.get(NAMESPACES, { name });
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return undefined;
    throw error;
  }
}
