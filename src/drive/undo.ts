/**
 * What steps say is to be undone where the run ends before its last step: a node that was taken
 * down must not stay so because somebody pressed Ctrl-C. Whoever comes to the end undoes nothing,
 * since the steps of the scenario have seen to that; and where it cannot be undone, that is said,
 * once for each object.
 */

import type { Action } from '../catalogue/tests.ts';
import { MINUTE } from '../core/duration.ts';
import { retry } from '../kube/retry.ts';
import { findKind } from '../kube/find-kind.ts';
import type { PlannedOperation } from '../plan/plan.ts';
import { actOn, refOf } from './any-object.ts';
import type { Driver } from './driver.ts';
import { askExternal, type RunExternal } from './external.ts';
import { stopReason } from './session.ts';

/** Resolves when all is undone that can be. */
export async function undoAll(driver: Driver): Promise<void> {
  for (const operation of driver.undos.list()) {
    // One after the other: the last thing that was done is the first to be undone.
    const problem = await undo(driver, operation, operation.undo as Action);
    const what = `${operation.kind} ${operation.name}`;
    const message =
      problem === undefined
        ? `undone: ${what}`
        : `${what} is left as it is, undo it by hand: ${problem}`;
    driver.notebook.write({ e: 'note', t: driver.notebook.nowUs(), what: 'undo', message });
    driver.lab.onWarning?.(message);
  }
}

/** Undefined where it is undone, and why it is not otherwise. */
async function undo(
  driver: Driver,
  operation: PlannedOperation,
  action: Action,
): Promise<string | undefined> {
  const { client, kinds, lab } = driver;
  if (stopReason(driver)?.lost) return 'the server does not answer';
  try {
    if (action.do === 'external') {
      const limits = { signal: new AbortController().signal, timeoutUs: MINUTE };
      const { external } = lab;
      const run: RunExternal | undefined = external && ((command) => external(command, limits));
      const answer = await askExternal(run, operation, action.command);
      return 'message' in answer ? answer.message : undefined;
    }
    if (action.do === 'delete') return 'nothing is deleted to undo something';
    const { apiVersion, kind } = operation;
    const policy = { clock: lab.clock, rng: lab.rng.fork('undo'), timeoutUs: MINUTE };
    const resource =
      kinds.find(kind) ?? (await retry(policy, () => findKind(client, { apiVersion, kind })));
    if (resource === undefined) return 'its kind is not served';
    await retry(policy, () => actOn(client, resource, refOf(resource, operation), action));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
