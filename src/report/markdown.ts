/** A run's summary in Markdown: to be pasted into an issue or a pull request. */

import { neutralText } from '../core/neutral-text.ts';
import type { Card } from './document/document.ts';
import { altText, fileName, type Table } from './figures/figure.ts';
import { answerCards } from './content/answers.ts';
import { missesTable } from './content/detail-tables.ts';
import { headlineResultsTable } from './content/result-tables.ts';
import { runFacts } from './facts/run-facts.ts';
import { remedyText, statusText } from './wording/status-text.ts';
import type { ReportedRun } from './report-document.ts';
import { calibratedOn } from './wording/twin-words.ts';
import type { TwinFact } from '../record/manifest.ts';

export function renderMarkdown({ source, figures, provenance }: ReportedRun): string {
  const { scenario, run, isSimulated, twin } = provenance;
  const misses = missesTable(source.summary);
  const facts = runFacts(source.summary);
  const { status } = facts;
  const remedy = [remedyText(status)].flatMap((text) =>
    text === undefined ? [] : [`- What to do: ${escapeMarkdown(text)}`],
  );
  const parts = [
    `## ${escapeMarkdown(scenario)}, run ${escapeMarkdown(run)}`,
    ...(isSimulated ? [`> Measured on the ${markedWords(twin)}: no hardware was involved.`] : []),
    [
      `- ${escapeMarkdown(statusText(status))}`,
      ...remedy,
      ...answerCards(facts).map(cardLine),
    ].join('\n'),
    markdownTable(headlineResultsTable(source.summary)),
    ...(misses.rows.length === 0 ? [] : [markdownTable(misses)]),
    figures
      .map((figure) => `- ${escapeMarkdown(altText(figure))} (\`${fileName(figure)}\`)`)
      .join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function markedWords(twin: TwinFact | undefined): string {
  if (twin === undefined) return '**simulated** cluster';
  return `**simulated** cluster, ${escapeMarkdown(calibratedOn(twin))}`;
}

function cardLine({ label, value, detail }: Card): string {
  return `- ${escapeMarkdown(label)}: **${escapeMarkdown(value)}** (${escapeMarkdown(detail)})`;
}

function markdownTable({ caption, headers, rows }: Table): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => escapeMarkdown(String(cell))).join(' | ')} |`;
  const rule = `| ${headers.map((_, i) => (i < 3 ? '---' : '---:')).join(' | ')} |`;
  return [`**${escapeMarkdown(caption)}**`, '', line(headers), rule, ...rows.map(line)].join('\n');
}

/** Text that Markdown and the HTML inside it leave as it is, on one line. */
export function escapeMarkdown(text: string): string {
  return neutralText(text.replace(/\s+/g, ' ')).replace(
    /[\\`*_[\]<>|#@]/g,
    (character) => `\\${character}`,
  );
}
