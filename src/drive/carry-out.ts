/**
 * Sends one operation's request until it is answered for good: refused for the moment (429, 5xx,
 * a lost connection) it is asked again after a while, and each further try is noted. A retry never
 * hides a latency: the operation's intended start and first sending stand as they were.
 */

import { unreachable } from '../core/assert.ts';
import { SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { RETRY_BACKOFF, retryPauseUs } from '../kube/retry.ts';
import { type Answer, ask } from './actions.ts';
import type { Driver } from './driver.ts';
import { makeExpectation } from './expectation-of.ts';
import type { Job } from './job.ts';

/** Resolves once the request was accepted or rejected, or the job is over without it. */
export async function carryOut(driver: Driver, job: Job, rng: Rng): Promise<void> {
  // What an earlier session sent without hearing of it may be there already.
  let mayBeDone = job.sent;
  for (let tries = 1; matters(driver, job); tries++) {
    const answer = await driver.queue.add(() => attempt(driver, job, mayBeDone));
    if (answer === undefined) return;
    switch (answer.kind) {
      case 'accepted':
        accept(driver, job, answer, tries);
        return;
      case 'rejected':
        reject(driver, job, answer, tries);
        return;
      case 'retry': {
        noteRetry(driver, job, answer);
        mayBeDone ||= answer.mayBeDone;
        const delayUs = pauseUs(job, tries, rng, answer.afterUs);
        await driver.lab.clock.sleep(delayUs, { signal: driver.stop.signal });
        break;
      }
      default:
        unreachable(answer);
    }
  }
}

/** An object that reached its goal before its creation was answered still has to be made known. */
function matters({ stop }: Driver, job: Job): boolean {
  if (!job.over) return true;
  return job.reached && job.operation.verb === 'create' && !stop.signal.aborted;
}

function pauseUs({ operation }: Job, tries: number, rng: Rng, afterUs?: number): number {
  const askedSeconds = afterUs === undefined ? undefined : afterUs / SECOND;
  return retryPauseUs(RETRY_BACKOFF, tries, rng.fork(`${operation.id}/${tries}`), askedSeconds);
}

/** One request; undefined where the job was over before it could be sent. */
async function attempt(driver: Driver, job: Job, mayBeDone: boolean): Promise<Answer | undefined> {
  if (!matters(driver, job)) return undefined;
  if (!job.sent) recordSend(driver, job);
  return ask(driver.client, job.operation, {
    labels: driver.plan.labels,
    maker: driver.lab.maker,
    mayBeDone,
    uidOf: (operation) => driver.created.uidOf(operation),
  });
}

/** Writes down that the operation was sent, and has the observer look out for its milestone. */
export function recordSend(driver: Driver, job: Job): void {
  const { operation, step } = job;
  const { id, kind, name, disks } = operation;
  job.markSent();
  driver.tally.sent();
  const t = driver.notebook.nowUs();
  driver.notebook.write({
    e: 'send',
    t,
    p: id,
    s: step.index,
    w: job.wave,
    v: operation.verb,
    k: kind,
    n: name,
    ...(job.intendedUs === t ? {} : { i: job.intendedUs }),
    ...(operation.variant === 0 ? {} : { x: operation.variant }),
    ...(disks === 0 ? {} : { disks }),
  });
  driver.observer.expect(makeExpectation(operation, step));
}

function accept(
  driver: Driver,
  job: Job,
  answer: Answer & { kind: 'accepted' },
  tries: number,
): void {
  const { operation, step } = job;
  const { kind, namespace, name } = operation;
  const { code, uid } = answer;
  job.noteRefusal(undefined);
  recordAck(driver, job, code, tries, uid);
  if (operation.verb === 'create' && uid !== undefined) {
    driver.created.add({ kind, namespace, name, uid, step: step.index });
  }
  if (operation.verb === 'delete') driver.created.remove(operation);
  driver.observer.accepted(operation.id);
}

function reject(
  driver: Driver,
  job: Job,
  { code, reason, message }: Answer & { kind: 'rejected' },
  tries: number,
): void {
  recordAck(driver, job, code, tries);
  job.settle({ how: 'failed', reason, message });
}

function recordAck(driver: Driver, job: Job, c: number, tries: number, uid?: string): void {
  driver.notebook.write({
    e: 'ack',
    t: driver.notebook.nowUs(),
    p: job.operation.id,
    c,
    ...(uid === undefined ? {} : { u: uid }),
    ...(tries === 1 ? {} : { tries }),
  });
}

function noteRetry(driver: Driver, job: Job, { what, message }: Answer & { kind: 'retry' }): void {
  const t = driver.notebook.nowUs();
  job.noteRefusal(message);
  driver.notebook.write({ e: 'note', t, what: `retry ${what}`, p: job.operation.id, message });
}
