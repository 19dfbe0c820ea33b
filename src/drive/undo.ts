/**
 * What steps say is to be undone where the run ends before its last step: a node that was taken
 * down must not stay so because somebody pressed Ctrl-C. Whoever comes to the end undoes nothing,
 * since the steps of the scenario have seen to that; and where it cannot be undone, that is said,
 * once for each object.
 */

import { MINUTE } from '../core/duration.ts';
import { retry } from '../kube/retry.ts';
import { findKind } from '../kube/find-kind.ts';
import { askAction } from './action-requests.ts';
import type { Answer } from './answer.ts';
import { objectRef } from './any-object.ts';
import type { Driver } from './driver.ts';
import { leftText, type Undoable, undoneText } from './undos.ts';
import { stopReason } from './session.ts';

/** Resolves when all is undone that can be. */
export async function undoAll(driver: Driver): Promise<void> {
  for (const operation of driver.undos.list()) {
    // One after the other: the last thing that was done is the first to be undone.
    const problem = await undo(driver, operation);
    const message = problem === undefined ? undoneText(operation) : leftText(operation, problem);
    driver.notebook.write({ e: 'note', t: driver.notebook.nowUs(), what: 'undo', message });
    driver.lab.onWarning?.(message);
  }
}

/** Undefined where it is undone, and why it is not otherwise. */
async function undo(driver: Driver, operation: Undoable): Promise<string | undefined> {
  const { client, kinds, lab } = driver;
  if (stopReason(driver)?.lost) return 'the server does not answer';
  try {
    const { apiVersion, kind } = operation;
    const policy = { clock: lab.clock, rng: lab.rng.fork('undo'), timeoutUs: MINUTE };
    const resource =
      kinds.find(kind) ?? (await retry(policy, () => findKind(client, { apiVersion, kind })));
    if (resource === undefined) return 'its kind is not served';
    const ref = objectRef(resource, operation);
    const limits = { signal: new AbortController().signal, timeoutUs: MINUTE };
    const { external: run } = lab;
    const external = run && ((command: readonly string[]) => run(command, limits));
    const target = { client, resource, ref, external, remove: NEVER_DELETED };
    const answer = await retry(policy, () => askAction(target, operation.undo));
    return 'message' in answer ? answer.message : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const NEVER_DELETED = (): Promise<Answer> =>
  Promise.resolve({
    kind: 'rejected',
    code: 403,
    reason: 'NotAllowed',
    message: 'nothing is deleted to undo something',
  });
