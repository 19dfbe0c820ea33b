/** A damaged summary is none: whoever has read one may count on what it says. */

import { expect, test } from 'vitest';
import { parseSummary } from '../../../src/compare/history/read-summary.ts';
import { sampleRun } from '../../report/reported.ts';

const { summary } = sampleRun();
const [first, ...rest] = summary.waves;

test('a summary is read as it was written', () => {
  expect(parseSummary(JSON.stringify(summary))?.waves).toHaveLength(summary.waves.length);
});

test.each([
  ['a wave without spans', { ...first, spans: undefined }],
  ['a span that is none', { ...first, spans: { clone: null } }],
  ['a median that is none', { ...first, spans: { clone: { p50: { value: 'x' } } } }],
  // There is a place for each wave up to it.
  ['a wave beyond all counting', { ...first, wave: 1e12 }],
  ['half a wave', { ...first, wave: 0.5 }],
])('%s is refused', (_, damaged) => {
  expect(parseSummary(JSON.stringify({ ...summary, waves: [damaged, ...rest] }))).toBeUndefined();
});
