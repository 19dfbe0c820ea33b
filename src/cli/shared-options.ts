/** What several commands take alike, in the same words; options of one command stand with it. */

import { RESULTS_FOLDER } from '../record/layout.ts';
import type { Argv } from 'yargs';
import { once } from './options.ts';
import { findScenario } from './shipped-scenarios.ts';
import { PROGRESS_MODES } from '../run/progress.ts';

/** A positional: a recorded run. */
export const RUN = { type: 'string', describe: 'Run folder, run id, or latest' } as const;

/** A positional: a scenario file. */
export const SCENARIO = {
  type: 'string',
  describe: 'Scenario file (YAML), or the name of one that comes with bench: smoke',
  coerce: findScenario,
} as const;

export const RESULTS = {
  type: 'string',
  default: RESULTS_FOLDER,
  describe: 'Folder of all results',
  coerce: once('results'),
} as const;

export const REPORT = {
  type: 'boolean',
  default: true,
  describe: 'Write the page and the pictures; --no-report leaves it at tables',
} as const;

export const REPORTS = {
  type: 'string',
  describe: 'Folder of all reports [default: reports, beside the results]',
  coerce: once('reports'),
} as const;

export const STUDY_ID = {
  type: 'string',
  describe: 'Name of the study [default: from what it asks, so the same question goes on]',
  coerce: once('study-id'),
} as const;

export const YES = {
  type: 'boolean',
  default: false,
  describe: 'Do not ask before many VMs are created on a real cluster',
} as const;

/** `array` alone would swallow what follows it. */
export const SET = {
  type: 'string',
  array: true,
  nargs: 1,
  default: [],
  defaultDescription: 'none',
  describe: 'Override a field of the scenario: path=value',
} as const;

export const PROGRESS = {
  choices: PROGRESS_MODES,
  default: 'auto',
  describe: 'How progress is shown on stderr',
} as const;

/** Of commands that measure: where the results go, and what is shown of them (ShowArguments). */
export function showOptions(yargs: Argv): Argv {
  return yargs
    .option('results', RESULTS)
    .option('progress', PROGRESS)
    .option('verbose', {
      type: 'boolean',
      default: false,
      describe: 'Print the tables behind the answers too',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print summary.json on stdout' })
    .option('report', REPORT)
    .option('reports', REPORTS);
}
