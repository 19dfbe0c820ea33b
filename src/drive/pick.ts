/**
 * The objects of a step that finds them by a selector, once it begins. A resumed run goes on with
 * those that its history names, whatever the selector would find by now.
 */

import { listAll } from '../kube/list-all.ts';
import { retry } from '../kube/retry.ts';
import { namespacedName } from '../observe/step-watch.ts';
import type { ObjectPlace, PlannedStep, Selection, WaveStep } from '../plan/plan.ts';
import type { Driver } from './driver.ts';
import { learnKind } from './watch-step.ts';

/** The step with its waves; as it is where it has no selector. */
export async function withObjects(driver: Driver, step: PlannedStep): Promise<PlannedStep> {
  if (step.kind === 'pause' || step.select === undefined) return step;
  const { select } = step;
  const known = driver.past?.pickedOf(step.index);
  if (known !== undefined) return { ...step, waves: select.waves(known) };
  const places = await find(driver, step, select);
  if (driver.stop.signal.aborted) return step;
  const { notebook } = driver;
  const listed = places.map(({ namespace, name }) => namespacedName(namespace, name));
  notebook.write({ e: 'picked', t: notebook.nowUs(), s: step.index, places: listed });
  return { ...step, waves: select.waves(places) };
}

async function find(
  driver: Driver,
  step: WaveStep,
  { of, labels, fields, namespace, most }: Selection,
): Promise<readonly ObjectPlace[]> {
  await learnKind(driver, step, of);
  const { client, kinds, lab, stop } = driver;
  const resource = kinds.find(of.kind);
  if (resource === undefined || stop.signal.aborted) return [];
  const rng = lab.rng.fork(`pick ${step.index}`);
  const policy = { clock: lab.clock, rng, timeoutUs: step.timeoutUs, signal: stop.signal };
  const objects = await retry(policy, () =>
    listAll(client, resource, {
      ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
      ...(labels === undefined ? {} : { labelSelector: labels }),
      ...(fields === undefined ? {} : { fieldSelector: fields }),
    }),
  );
  return objects
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }))
    .slice(0, most);
}
