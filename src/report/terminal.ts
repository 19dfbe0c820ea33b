/**
 * What `bench run` prints: the answers on one page and, where asked for, all that stands behind
 * them. Pure: whoever prints it decides on width and colour.
 */

import type { Summary } from '../analyse/summary.ts';
import { runFacts } from './facts/run-facts.ts';
import { briefSections, detailSections } from './run-sections.ts';
import { renderText } from './terminal/render-text.ts';

export interface TerminalOptions {
  /** Default 100; taken as 60 where it is less. */
  readonly width?: number;
  /** Default false. */
  readonly color?: boolean;
  /** Also the tables behind the answers. Default false. */
  readonly verbose?: boolean;
  /** What the shell will be told, to be explained where it is not 0. */
  readonly exitCode?: number;
}

const LEAST_WIDTH = 60;

/** The whole text, ending with a newline. */
export function renderTables(summary: Summary, options: TerminalOptions = {}): string {
  const { width = 100, color = false, verbose = false, exitCode } = options;
  const facts = runFacts(summary);
  const sections = [
    ...briefSections(facts, { verbose, exitCode }),
    ...(verbose ? detailSections(facts) : []),
  ];
  return renderText(sections, { width: Math.max(LEAST_WIDTH, width), color });
}
