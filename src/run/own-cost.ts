/** What measuring costs the process as a whole, for the manifest; on the wall clock only. */

import { readFileSync } from 'node:fs';
import { cpuUsage } from 'node:process';
import { type LoopLag, startCostMeter } from '../core/own-cost.ts';
import type { OwnCostFact } from '../record/manifest.ts';

/** Starts to count; the returned function says what it came to, and stops. */
export function startOwnCost(): (watching: LoopLag | undefined) => OwnCostFact {
  const meter = startCostMeter();
  const cpuBefore = cpuUsage();
  const throttledBefore = throttledUs();
  return (watching) => {
    const { loopLagUs, gcUs } = meter.read();
    meter.stop();
    const { user, system } = cpuUsage(cpuBefore);
    const throttled = throttledUs();
    return {
      loopLagUs: watching === undefined ? loopLagUs : worse(loopLagUs, watching),
      gcUs,
      cpuUs: user + system,
      ...(throttled === undefined || throttledBefore === undefined
        ? {}
        : { throttledUs: throttled - throttledBefore }),
    };
  };
}

function worse(a: LoopLag, b: LoopLag): LoopLag {
  return {
    p50: Math.max(a.p50, b.p50),
    p99: Math.max(a.p99, b.p99),
    max: Math.max(a.max, b.max),
  };
}

/** How long our control group was kept from its processors; undefined where nobody counts. */
function throttledUs(): number | undefined {
  try {
    const found = /^throttled_usec (\d+)$/m.exec(readFileSync('/sys/fs/cgroup/cpu.stat', 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
