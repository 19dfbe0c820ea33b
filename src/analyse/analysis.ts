/** A run's operations, their spans and the samples these make: what all figures are made of. */

import type { Run } from '../record/run.ts';
import { type FiledValue, filed, type Sample, collectSamples } from './samples.ts';
import type { Span } from './span.ts';
import { type Measured, measuredOperations, makeSpans } from './spans.ts';
import { wavePaces } from './wave-pace.ts';
import { goalValues, longestSpans, worstOfEach } from './wave-spans.ts';

export interface Analysis {
  readonly measured: readonly Measured[];
  readonly spans: readonly Span[];
  /** Of each operation: from its wave's release to its milestone. */
  readonly goals: readonly FiledValue[];
  readonly samples: readonly Sample[];
}

export function analyse(run: Run): Analysis {
  const measured = measuredOperations(run);
  const spans = makeSpans(run, measured);
  const goals = goalValues(run, measured);
  const waves = [...longestSpans(spans), ...worstOfEach(goals), ...wavePaces(goals)];
  return { measured, spans, goals, samples: collectSamples(run, [...spans.map(filed), ...waves]) };
}
