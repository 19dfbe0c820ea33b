/**
 * Sends one operation's request until it is answered for good: refused for the moment (429, 5xx,
 * a lost connection) it is asked again after a while, and each further try is noted. A retry never
 * hides a latency: the operation's intended start and first sending stand as they were.
 */

import { unreachable } from '../core/assert.ts';
import { SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { RETRY_BACKOFF, retryPauseUs } from '../kube/retry.ts';
import { ask } from './actions.ts';
import type { Answer } from './answer.ts';
import type { Driver } from './driver.ts';
import { makeExpectation, stagesShown } from './expectation-of.ts';
import { isCreation, removes } from '../plan/creations.ts';
import type { Job } from './job.ts';

/** Resolves once the request was accepted or rejected, or the job is over without it. */
export async function carryOut(driver: Driver, job: Job, rng: Rng): Promise<void> {
  // What an earlier session sent without hearing of it may be there already.
  let mayBeDone = job.sent || (driver.past?.isCutShort ?? false);
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
  return job.reached && isCreation(job.operation) && !stop.signal.aborted;
}

function pauseUs({ operation }: Job, tries: number, rng: Rng, afterUs?: number): number {
  const askedSeconds = afterUs === undefined ? undefined : afterUs / SECOND;
  return retryPauseUs(RETRY_BACKOFF, tries, rng.fork(`${operation.id}/${tries}`), askedSeconds);
}

/** One request; undefined where the job was over before it could be sent. */
async function attempt(driver: Driver, job: Job, mayBeDone: boolean): Promise<Answer | undefined> {
  if (!matters(driver, job)) return undefined;
  if (!job.sent) recordSend(driver, job);
  const { external } = driver.lab;
  const limits = {
    signal: driver.stop.signal,
    timeoutUs: job.deadlineUs - driver.notebook.nowUs(),
  };
  return ask(driver.client, job.operation, {
    labels: driver.plan.labels,
    maker: driver.lab.maker,
    external: external && ((command) => external(command, limits)),
    mayBeDone,
    resourceOf: (kind) => driver.kinds.get(kind),
    uidOf: (operation) => driver.created.uidOf(operation),
    isGone: (uid) => driver.created.isGone(uid),
  });
}

/** Writes down that the operation was sent, and has the observer look out for its milestone. */
export function recordSend(driver: Driver, job: Job): void {
  const { operation, step } = job;
  const { id, kind, name, disks } = operation;
  job.markSent();
  driver.undos.sent(operation);
  driver.stepCounts.sent(step.index);
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
  driver.observer.expect(makeExpectation(operation, step, driver.kinds));
}

function accept(
  driver: Driver,
  job: Job,
  answer: Answer & { kind: 'accepted' },
  tries: number,
): void {
  const { operation, step } = job;
  const { kind, namespace, name } = operation;
  const { code, uid, answeredSeconds } = answer;
  const shown = stagesShown(step, answer.shown);
  job.noteRefusal(undefined);
  const t = recordAck(driver, job, { code, tries, uid, shown, answeredSeconds });
  if (uid !== undefined) {
    driver.created.add({ kind, namespace, name, uid, step: step.index });
  }
  if (removes(operation)) driver.created.remove(operation);
  driver.observer.accepted(operation.id, { shown: shown ?? 0, atUs: t });
}

function reject(
  driver: Driver,
  job: Job,
  { code, reason, message }: Answer & { kind: 'rejected' },
  tries: number,
): void {
  recordAck(driver, job, { code, tries });
  job.settle({ how: 'failed', reason, message });
}

interface Acknowledged {
  readonly code: number;
  readonly tries: number;
  readonly uid?: string | undefined;
  readonly shown?: number | undefined;
  readonly answeredSeconds?: number | undefined;
}

function recordAck(driver: Driver, job: Job, acknowledged: Acknowledged): number {
  const { code, tries, uid, shown, answeredSeconds } = acknowledged;
  const t = driver.notebook.nowUs();
  driver.notebook.write({
    e: 'ack',
    t,
    p: job.operation.id,
    c: code,
    ...(uid === undefined ? {} : { u: uid }),
    ...(tries === 1 ? {} : { tries }),
    ...(shown === undefined || shown === 0 ? {} : { g: shown }),
    ...(answeredSeconds === undefined ? {} : { d: answeredSeconds }),
  });
  return t;
}

function noteRetry(driver: Driver, job: Job, { what, message }: Answer & { kind: 'retry' }): void {
  const t = driver.notebook.nowUs();
  job.noteRefusal(message);
  driver.notebook.write({ e: 'note', t, what: `retry ${what}`, p: job.operation.id, message });
}
