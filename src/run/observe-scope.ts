/** What an observation goes by, in the place of the scenario that it does not have. */

import { createHash } from 'node:crypto';
import { OBSERVED } from '../benchmark.ts';
import { formatDuration } from '../core/duration.ts';
import type { ObserveScopeFact } from '../record/manifest.ts';
import type { Asked } from './open-manifest.ts';

/** Runs that observe by the same rules are of one series. */
export function askedByScope(lookout: ObserveScopeFact): Asked {
  const { selector, namespace, imageLabel, timeoutUs, waveGapUs } = lookout;
  const fact = { selector, namespace, imageLabel, timeoutUs, waveGapUs };
  const text = rulesText(fact);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    scenario: {
      name: OBSERVED,
      path: 'bench observe',
      text,
      sha256,
      overrides: [],
      hash: sha256,
    },
    namespace,
    lookout: fact,
  };
}

function rulesText({
  selector,
  namespace,
  imageLabel,
  timeoutUs,
  waveGapUs,
}: ObserveScopeFact): string {
  const lines = [
    `selector: ${selector}`,
    `namespace: ${namespace ?? 'all'}`,
    ...(imageLabel === undefined ? [] : [`image label: ${imageLabel}`]),
    `timeout: ${formatDuration(timeoutUs)}`,
    `wave gap: ${formatDuration(waveGapUs)}`,
  ];
  return `${lines.join('\n')}\n`;
}
