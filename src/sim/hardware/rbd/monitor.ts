/**
 * The OSD monitor: every allocation of a snapshot id is a Paxos round, and one round serves all
 * that wait for it. ceph src/mon/PaxosService.cc should_propose: `minWait` after a quiet spell,
 * else not before `proposeInterval` since the last commit.
 */

import type { Clock } from '../../../core/clock.ts';
import type { Parameters } from '../../../parameters/parameters.ts';

export interface Monitor {
  /** Resolves when the round that carries this proposal is committed. */
  propose(): Promise<void>;
}

export function createMonitor(clock: Clock, parameters: Parameters['monitor']): Monitor {
  const { proposeIntervalUs, minWaitUs, commitTimeUs } = parameters;
  let lastCommitUs = Number.NEGATIVE_INFINITY;
  let waiting: (() => void)[] = [];
  const commit = () => {
    const served = waiting;
    waiting = [];
    lastCommitUs = clock.nowUs();
    for (const resolve of served) resolve();
  };
  return {
    propose: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length > 1) return;
        const sinceUs = clock.nowUs() - lastCommitUs;
        const waitUs = sinceUs > proposeIntervalUs ? minWaitUs : proposeIntervalUs - sinceUs;
        clock.schedule(waitUs + commitTimeUs, commit);
      }),
  };
}
