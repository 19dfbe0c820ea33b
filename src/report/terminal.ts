/**
 * The tables that `bench run` prints, as one text. Pure: whoever prints it decides on width and
 * colour. What a reader would get wrong: percentiles are of all that was requested, so each row
 * says how many of those were reached, failed, or were still running at the deadline.
 */

import type { Summary } from '../analyse/summary.ts';
import { listParameters } from '../parameters/parameters.ts';
import { clockSection } from './clock-table.ts';
import { crossCheckSection } from './cross-check-table.ts';
import { dependenceSection } from './dependence-table.ts';
import { headlineLines } from './headlines.ts';
import { missSection } from './miss-table.ts';
import { resultSection } from './result-table.ts';
import { stageSections } from './stage-table.ts';
import { storageSection } from './storage-table.ts';
import { dimmed, heading, type TextStyle, wrapped } from './text-table.ts';
import { waveSection } from './wave-table.ts';
import { warningLines } from './warning-lines.ts';

export interface TerminalOptions {
  /** Default 100. */
  readonly width?: number;
  /** Default false. */
  readonly color?: boolean;
}

/** The whole text, ending with a newline. */
export function renderTables(summary: Summary, options: TerminalOptions = {}): string {
  const style = { width: options.width ?? 100, color: options.color ?? false };
  const sections = [
    titleLines(summary, style),
    headlineLines(summary, style),
    resultSection(summary, style),
    missSection(summary, style),
    ...stageSections(summary, style),
    waveSection(summary, style),
    storageSection(summary, style),
    dependenceSection(summary, style),
    crossCheckSection(summary, style),
    clockSection(summary, style),
    warningLines(summary, style),
    calibrationLines(summary, style),
  ];
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function titleLines({ run, observed }: Summary, style: TextStyle): readonly string[] {
  const { scenario, id, outcome, reason, seed } = run;
  const why = reason === undefined ? '' : ` (${reason})`;
  // Whoever only looks on has nothing to be random about.
  const seeded = observed === undefined ? `, seed ${seed}` : '';
  const title = `${scenario}, run ${id}: ${outcome}${why}${seeded}`;
  if (run.target === 'cluster') return [heading(title, style)];
  return [heading(title, style), 'SIMULATED cluster: no hardware was measured.'];
}

/** A simulated result never stands without what in it was fitted, not found. */
function calibrationLines({ run }: Summary, style: TextStyle): readonly string[] {
  if (run.target === 'cluster') return [];
  const paths = listParameters({}, 'calibrated').map(({ path }) => path);
  const text = `SIMULATED, with ${paths.length} calibrated constants: ${paths.join(', ')}.`;
  return wrapped(text, style.width).map((line) => dimmed(line, style));
}
