/**
 * One run in sections: the answers that fit a page, and the tables behind them. Terminal, page and
 * Markdown are made of these, so they say the same.
 */

import { listParameters } from '../parameters/parameters.ts';
import { answerCards } from './content/answers.ts';
import {
  clocksTable,
  crossCheckTable,
  dependenceTable,
  feltTable,
  missesTable,
  someWavesTable,
  stagesTable,
  storageTable,
} from './content/detail-tables.ts';
import { figureNotes, qualityNotes } from './content/notes.ts';
import { briefResultsTable, headlineResultsTable } from './content/result-tables.ts';
import type { Block, Section } from './document/document.ts';
import type { RunFacts } from './facts/run-facts.ts';
import type { Table } from './figures/figure.ts';
import { missText, remedyText, statusText } from './wording/status-text.ts';
import { countedText } from './wording/numbers.ts';
import { beyondText, doubtText, simulatedLine } from './wording/twin-words.ts';

/** More than this of a kind are for `--verbose` and the report. */
const NOTES_MOST = 3;
const MISSES_MOST = 4;

export function briefSections(
  facts: RunFacts,
  { verbose, exitCode }: { readonly verbose: boolean; readonly exitCode?: number | undefined },
): readonly Section[] {
  const { summary, misses } = facts;
  return [
    section('status', '', [statusBlock(facts, exitCode), simulatedText(facts, verbose)]),
    section('answers', '', [{ kind: 'cards', cards: answerCards(facts) }]),
    section('latencies', '', [tableBlock(briefResultsTable(summary))]),
    section('missed', 'What missed, and why', [
      listBlock(misses.map(missText), MISSES_MOST, 'kind of miss', 'kinds of misses'),
    ]),
    section('notes', '', [notesBlock(facts, verbose)]),
  ];
}

/** The tables behind the answers. */
export function detailSections({ summary }: RunFacts): readonly Section[] {
  return [
    tableSection(headlineResultsTable(summary)),
    tableSection(missesTable(summary)),
    tableSection(stagesTable(summary)),
    tableSection(someWavesTable(summary)),
    tableSection(storageTable(summary)),
    tableSection(feltTable(summary)),
    tableSection(dependenceTable(summary)),
    tableSection(crossCheckTable(summary)),
    tableSection(clocksTable(summary)),
  ];
}

/** The run, how it ended and whether its figures hold. */
export function statusBlock({ summary, status }: RunFacts, exitCode?: number): Block {
  const { scenario, id, seed } = summary.run;
  // Whoever only observes has nothing to be random about.
  const seeded = summary.observed === undefined ? `, seed ${seed}` : '';
  const remedy = remedyText(status);
  return {
    kind: 'status',
    text: `${scenario}, run ${id}${seeded}: ${statusText(status, exitCode)}`,
    ...(remedy === undefined ? {} : { remedy }),
    tone: status.outcome === 'complete' && status.invalid.length === 0 ? 'good' : 'bad',
  };
}

/** A simulated result never stands without what in it was fitted, not found. */
function simulatedText({ status, summary }: RunFacts, verbose: boolean): Block {
  if (!status.isSimulated) return { kind: 'text', paragraphs: [] };
  // Operators count what they install where they were at work.
  const isBare = summary.simulation?.counters['operatorsInstalled'] !== undefined;
  const losesPower = summary.simulation?.counters['powerLosses'] !== undefined;
  const paths = listParameters({}, { only: 'calibrated', isBare, losesPower }).map(
    ({ path }) => path,
  );
  const constants = `${paths.length} calibrated constants`;
  const listed = verbose ? `: ${paths.join(', ')}` : ' (in the report)';
  const twin = summary.simulation?.twin;
  if (twin !== undefined) {
    const { counters = {} } = summary.simulation ?? {};
    const more = [doubtText(twin, counters), beyondText(twin, counters)];
    const said = more.flatMap((text) => text ?? []);
    return { kind: 'text', paragraphs: [simulatedLine(twin), ...said] };
  }
  const text = `SIMULATED cluster, no hardware was measured; ${constants}${listed}.`;
  return { kind: 'text', paragraphs: [text] };
}

function notesBlock({ summary }: RunFacts, verbose: boolean): Block {
  const [quality, figures] = [qualityNotes(summary), figureNotes(summary)];
  if (verbose)
    return { kind: 'text', paragraphs: [...quality, ...figures].map((note) => `- ${note}`) };
  // What was not measured as it was asked for concerns the answers themselves.
  const grave = figures.filter((note) => note.includes('another path'));
  const shown = [...grave, ...quality].slice(0, NOTES_MOST);
  const more = quality.length + figures.length - shown.length;
  const rest =
    more > 0 ? [`${countedText(more, 'note')} on these figures: --verbose, or the report`] : [];
  return { kind: 'text', paragraphs: [...shown.map((note) => `- ${note}`), ...rest] };
}

function listBlock(texts: readonly string[], most: number, one: string, many: string): Block {
  const more = texts.length - most;
  const rest = more > 0 ? [`- ${countedText(more, `more ${one}`, `more ${many}`)}: --verbose`] : [];
  return {
    kind: 'text',
    paragraphs: [...texts.slice(0, most).map((text) => `- ${text}`), ...rest],
  };
}

function tableSection(table: Table): Section {
  return section(table.caption, table.caption, [tableBlock(table)]);
}

function tableBlock(table: Table): Block {
  return { kind: 'table', table };
}

function section(id: string, title: string, blocks: readonly Block[]): Section {
  return { id, title, blocks };
}
