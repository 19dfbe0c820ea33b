/** What a report says about one run, or about several side by side, in which order. */

import type { Summary } from '../analyse/summary.ts';
import type { Block, Column, ReportDocument, Section } from './document/document.ts';
import {
  calibratedTable,
  countersTable,
  environmentTable,
  scenarioBlock,
} from './content/environment.ts';
import { answerCards, qualityCard } from './content/answers.ts';
import {
  clocksTable,
  crossCheckTable,
  dependenceTable,
  missesTable,
  stagesTable,
  feltTable,
  storageTable,
  wavesTable,
} from './content/detail-tables.ts';
import { METHOD_NOTES } from './content/method-notes.ts';
import { figureNotes, qualityNotes } from './content/notes.ts';
import { briefResultsTable, resultsTable } from './content/result-tables.ts';
import { slowestTable } from './content/slowest-table.ts';
import { runFacts, statusFact } from './facts/run-facts.ts';
import { withSameScales } from './figures/same-scales.ts';
import type { Figure, Table } from './figures/figure.ts';
import { forest } from './figures/forest.ts';
import type { ReportSource } from './inputs/figures-of-run.ts';
import { makeForestInput } from './inputs/forest-input.ts';
import type { RunSeries } from './inputs/series-of-run.ts';
import type { Provenance } from './png/figure-picture.ts';
import { statusBlock } from './run-sections.ts';
import { invalidText } from './wording/status-text.ts';

/** A run with its figures. */
export interface ReportedRun {
  readonly source: ReportSource;
  readonly series: readonly RunSeries[];
  readonly figures: readonly Figure[];
  readonly provenance: Provenance;
}

export function describeProvenance({ summary, manifest }: ReportSource): Provenance {
  const { id, scenario, target } = summary.run;
  const invalid = invalidText(statusFact(summary));
  const where = manifest?.environment?.name;
  return {
    run: id,
    scenario,
    isSimulated: target === 'simulated',
    twin: summary.simulation?.twin,
    ...(where === undefined ? {} : { where }),
    ...(invalid === undefined ? {} : { invalid }),
  };
}

/** Which figures stand where; a figure that no section names goes to the last one. */
const CHAPTERS: readonly { readonly id: string; readonly title: string; readonly holds: RegExp }[] =
  [
    { id: 'headline', title: 'In short', holds: /^(clone|boot)-/ },
    { id: 'how-long', title: 'How long for N', holds: /^time-to-n$/ },
    { id: 'waves-over-time', title: 'Waves', holds: /^waves$/ },
    { id: 'distributions', title: 'Distributions', holds: /^(ecdf|percentiles|wave-spread)$/ },
    { id: 'stages-of-time', title: 'Stages', holds: /^stage/ },
    { id: 'load', title: 'Load', holds: /^(latency-heat-map|throughput|position-in-wave)$/ },
    { id: 'cluster', title: 'Nodes and storage', holds: /^(nodes|storage)$/ },
    { id: 'quality', title: 'Quality', holds: /./ },
  ];

export function reportDocument(runs: readonly ReportedRun[]): ReportDocument {
  const scenarios = [...new Set(runs.map(({ provenance }) => provenance.scenario))];
  const figures = withSameScales(runs.map((run) => run.figures));
  const aligned = runs.map((run, i) => ({ ...run, figures: figures[i] ?? [] }));
  return {
    title: `Scale benchmark of virtual machines: ${scenarios.join(', ')}`,
    provenance: runs.map(({ provenance }) => provenance),
    sections: [...differenceSection(runs), ...figureSections(aligned), ...tableSections(runs)],
  };
}

/** Each run against the first. */
function differenceSection(runs: readonly ReportedRun[]): readonly Section[] {
  const [first, ...others] = runs;
  if (first === undefined || others.length === 0) return [];
  const blocks = others.flatMap(({ source, provenance }, i): Block[] => {
    const figure = forest(makeForestInput(first.source, source), i + 1);
    return figure === undefined ? [] : [{ kind: 'figure', figure, of: provenance }];
  });
  return [{ id: 'differences', title: 'Differences', blocks }];
}

function figureSections(runs: readonly ReportedRun[]): readonly Section[] {
  return CHAPTERS.flatMap(({ id, title }, c): Section[] => {
    const blocks = sideBySide(runs, ({ source, figures, provenance }) => [
      ...(c === 0 ? headBlocks(source.summary) : []),
      ...figures
        .filter((figure) => getChapter(figure) === c)
        .map((figure) => ({ kind: 'figure', figure, of: provenance }) as const),
    ]);
    return blocks.length === 0 ? [] : [{ id, title, blocks }];
  });
}

function headBlocks(summary: Summary): readonly Block[] {
  const facts = runFacts(summary);
  const cards = [...answerCards(facts), qualityCard(facts)];
  return [statusBlock(facts), { kind: 'cards', cards }];
}

function getChapter({ id }: Figure): number {
  return CHAPTERS.findIndex(({ holds }) => holds.test(id));
}

function tableSections(runs: readonly ReportedRun[]): readonly Section[] {
  const isSimulated = runs.some(({ provenance }) => provenance.isSimulated);
  return [
    {
      id: 'tables',
      title: 'Tables',
      blocks: sideBySide(runs, ({ source: { run, summary } }) => [
        table(briefResultsTable(summary)),
        missesBlock(summary),
        ...notesBlocks(summary),
        folded({ ...resultsTable(summary), caption: 'All metrics' }),
        ...[
          wavesTable(summary),
          stagesTable(summary),
          slowestTable(run),
          storageTable(summary),
          feltTable(summary),
          dependenceTable(summary),
          crossCheckTable(summary),
          clocksTable(summary),
        ].flatMap((one) => (one.rows.length === 0 ? [] : [folded(one)])),
      ]),
    },
    {
      id: 'environment',
      title: 'Environment',
      blocks: [
        ...sideBySide(runs, ({ source: { summary, manifest } }) => [
          table(environmentTable(summary, manifest)),
          ...[countersTable(summary)].flatMap((counters) => (counters ? [folded(counters)] : [])),
          ...scenarioBlock(manifest),
        ]),
        ...(isSimulated
          ? [folded(calibratedTable(runs.map(({ source }) => source.manifest)))]
          : []),
      ],
    },
    { id: 'method', title: 'Method', blocks: [{ kind: 'text', paragraphs: METHOD_NOTES }] },
  ];
}

function missesBlock(summary: Summary): Block {
  const misses = missesTable(summary);
  if (misses.rows.length > 0) return table(misses);
  return { kind: 'text', paragraphs: ['No operation missed its goal.'] };
}

function notesBlocks(summary: Summary): readonly Block[] {
  const paragraphs = [...qualityNotes(summary), ...figureNotes(summary)];
  return paragraphs.length === 0 ? [] : [{ kind: 'text', paragraphs }];
}

function table(of: Table): Block {
  return { kind: 'table', table: of };
}

function folded(of: Table): Block {
  return { kind: 'table', table: of, isFolded: true };
}

/** One run's blocks as they are; those of several in columns. */
function sideBySide(
  runs: readonly ReportedRun[],
  blocksOf: (run: ReportedRun) => readonly Block[],
): readonly Block[] {
  if (runs.length === 1) return blocksOf(runs[0] as ReportedRun);
  const columns = runs.map(
    (run): Column => ({ title: `run ${run.provenance.run}`, blocks: blocksOf(run) }),
  );
  return columns.every(({ blocks }) => blocks.length === 0) ? [] : [{ kind: 'beside', columns }];
}
