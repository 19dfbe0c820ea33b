/**
 * What observers share: whose operation is settled by what is seen, and by what probes find out.
 * It asks no guest where the run has no probe.
 */

import { VIRTUAL_MACHINES } from '../api/resources.ts';
import type { Expectation, Verdict } from './expectation.ts';
import { createOutstanding, type OnStage, type Outstanding } from './outstanding.ts';
import { createProber, type ProberOptions } from './prober.ts';

export interface OperationTrackerOptions {
  readonly onVerdict: (operation: number, verdict: Verdict) => void;
  readonly onStage?: OnStage | undefined;
  /** Told of each VM that was seen to be deleted. */
  readonly onVmGone?: ((uid: string) => void) | undefined;
  readonly prober: ProberOptions | undefined;
}

export interface OperationTracker extends Outstanding {
  /** What comes from now on is new; see `recalls`. */
  goOn(): void;
  stop(): void;
}

export function createOperationTracker(options: OperationTrackerOptions): OperationTracker {
  const { sightings, ...tracker } = createTracker(options);
  return {
    ...tracker,
    sightings: {
      ...sightings,
      gone(object) {
        if (object.kind === VIRTUAL_MACHINES.kind) options.onVmGone?.(object.uid);
        sightings.gone(object);
      },
    },
  };
}

function createTracker({
  onVerdict,
  onStage,
  prober: asking,
}: OperationTrackerOptions): OperationTracker {
  if (asking === undefined) {
    return { ...createOutstanding(onVerdict, onStage), goOn: () => {}, stop: () => {} };
  }
  const prober = createProber(asking);
  const expected = new Map<number, Expectation>();
  const forget = (operation: number) => {
    expected.delete(operation);
    prober.forget(operation);
  };
  const outstanding = createOutstanding(
    (operation, verdict) => {
      forget(operation);
      onVerdict(operation, verdict);
    },
    (operation, stage, sight) => {
      onStage?.(operation, stage, sight);
      const expectation = expected.get(operation);
      if (expectation) prober.turn(expectation, stage + 1);
    },
  );
  const { sightings } = outstanding;
  return {
    ...outstanding,
    sightings: {
      ...sightings,
      changed(object, name, value) {
        prober.changed(object, name, value);
        sightings.changed(object, name, value);
      },
      gone(object) {
        prober.gone(object);
        sightings.gone(object);
      },
    },
    expect(expectation) {
      if (asksGuest(expectation)) {
        expected.set(expectation.operation, expectation);
        prober.turn(expectation, 0);
      }
      outstanding.expect(expectation);
    },
    forget(operation) {
      forget(operation);
      outstanding.forget(operation);
    },
    lastWord(operation) {
      const words = [outstanding.lastWord(operation), prober.lastWord(operation)];
      const said = words.filter((word) => word !== undefined);
      return said.length === 0 ? undefined : said.join('; ');
    },
    goOn: () => prober.goOn(),
    stop: () => prober.stop(),
  };
}

function asksGuest({ probe, stages }: Expectation): boolean {
  return probe !== undefined || (stages?.some((stage) => stage.probe !== undefined) ?? false);
}
