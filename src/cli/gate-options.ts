/** The options of a nightly verdict, for `bench gate` and `bench run --gate`. */

import type { Argv } from 'yargs';
import { type DetectorName, DETECTORS } from '../compare/change-points/detectors.ts';
import { LATENCY_TOLERANCE } from '../compare/nightly/gated-series.ts';
import { notNegative, once, wholeNumber } from './options.ts';

export const CONFIRM = {
  type: 'number',
  default: 0,
  describe: 'Where the night is suspect, make it so many times more, and most decide; 2 is good',
  coerce: wholeNumber('confirm'),
} as const;

const LEAST_PERCENT = 100 * LATENCY_TOLERANCE.minMagnitude;

export function gateOptions(yargs: Argv): Argv {
  return yargs
    .option('history', {
      type: 'string',
      describe: 'Folder of the nights before; made where there is none',
      coerce: once('history'),
    })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Judge, but add nothing' })
    .option('strict', {
      type: 'boolean',
      default: false,
      describe: 'Fail on suspicion (2), and on doubtful data and too few nights (3)',
    })
    .option('new-series', {
      type: 'boolean',
      default: false,
      describe: 'It is meant that tonight begins a new series, after an established one',
    })
    .option('ack', {
      type: 'string',
      describe: 'File of acknowledged changes (YAML)',
      coerce: once('ack'),
    })
    .option('junit', { type: 'string', describe: 'Write JUnit XML here', coerce: once('junit') })
    .option('markdown', {
      type: 'string',
      describe: 'Write a Markdown summary here',
      coerce: once('markdown'),
    })
    .option('github', {
      type: 'boolean',
      default: false,
      describe: 'Print annotations; add to the job summary',
    })
    .option('min-change', {
      type: 'number',
      describe: `Smallest change of a latency that counts, % [default: ${LEAST_PERCENT}]`,
      coerce: notNegative('min-change'),
    })
    .option('detector', {
      choices: Object.keys(DETECTORS) as DetectorName[],
      default: 'bench' as const,
      describe: 'How changes of level are found; otava: as Apache Otava 0.8 does',
    })
    .option('min-seconds', {
      type: 'number',
      describe: `And in seconds [default: ${LATENCY_TOLERANCE.minDifference}]`,
      coerce: notNegative('min-seconds'),
    });
}
