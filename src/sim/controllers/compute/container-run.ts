/**
 * The containers of a pod from their start to their end. What has an end of its own exits then;
 * what fails is started again where its pod asks for that, at once and then after longer waits.
 */

import type { Pod } from '../../../api/compute.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import { backoffUs } from '../../../kube/backoff.ts';
import type { Program, Programs } from '../../hardware/node/programs.ts';
import { isFirstConsumer } from './first-consumer.ts';
import type { Crash } from './pod-status.ts';

export interface ContainerRun {
  failed: boolean;
  restarts: number;
  /** What is said of a container that is down. */
  crash: Crash | undefined;
  /** What it says at its end. */
  message: string | undefined;
  /** Stops what would happen next. */
  cancel: () => void;
}

export interface ContainerHost {
  readonly clock: Clock;
  readonly programs: Programs;
  /** The pod's status has something new to tell. */
  onChange(): void;
  /** They have exited for good. */
  onEnd(): void;
}

export function freshRun(): ContainerRun {
  return { failed: false, restarts: 0, crash: undefined, message: undefined, cancel: () => {} };
}

export function runContainers(host: ContainerHost, run: ContainerRun, pod: Pod): void {
  const program = isFirstConsumer(pod) ? AT_ONCE : host.programs(pod);
  if (!program) return;
  run.message = program.message;
  if ('serve' in program) {
    run.cancel = program.serve(host.onEnd);
    return;
  }
  const { finish } = program;
  run.cancel = host.clock.schedule(program.durationUs, () => {
    finish?.();
    if (finish) host.onEnd();
    else crash(host, run, pod);
  });
}

/** It says its word and is done. */
const AT_ONCE: Program = { durationUs: 0, finish: () => {} };

/** kuberuntime's back-off; after the first crash the container starts at once. */
const CRASH_BACKOFF = { firstUs: 10 * SECOND, maxUs: 300 * SECOND, factor: 2 };

/** After so long a pod worker looks again, and tells of the back-off (kubelet backOffPeriod). */
const RESYNC_US = 10 * SECOND;

function crash(host: ContainerHost, run: ContainerRun, pod: Pod): void {
  if (pod.spec.restartPolicy !== 'OnFailure') {
    run.failed = true;
    host.onEnd();
    return;
  }
  const waitUs = run.restarts === 0 ? 0 : backoffUs(CRASH_BACKOFF, run.restarts - 1);
  const become = (state: Crash | undefined) => {
    run.crash = state;
    host.onChange();
  };
  const restart = () => {
    run.restarts += 1;
    become(undefined);
    runContainers(host, run, pod);
  };
  become('exited');
  const isLong = waitUs > RESYNC_US;
  const next = isLong
    ? () => {
        become('backingOff');
        run.cancel = host.clock.schedule(waitUs - RESYNC_US, restart);
      }
    : restart;
  run.cancel = host.clock.schedule(isLong ? RESYNC_US : waitUs, next);
}
