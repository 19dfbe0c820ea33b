/**
 * Three runs or more on one page: a row or a curve a run in each section, where two stand in
 * columns. Each run has a page of its own with all that is not here.
 */

import type { Summary } from '../analyse/summary.ts';
import { IDENTITIES } from './chart/theme.ts';
import { METHOD_NOTES } from './content/method-notes.ts';
import type { Block, ReportDocument } from './document/document.ts';
import { statusFact } from './facts/run-facts.ts';
import { ecdf } from './figures/ecdf.ts';
import type { Figure, Table } from './figures/figure.ts';
import { type RunSeriesRow, runsBeside } from './figures/runs-beside.ts';
import type { Provenance } from './png/figure-picture.ts';
import type { ReportedRun } from './report-document.ts';
import { countText, listText, partText, secondsNumber, secondsText } from './wording/numbers.ts';
import { statusText } from './wording/status-text.ts';
import { simulatedWords } from './wording/twin-words.ts';

export function runsDocument(runs: readonly ReportedRun[]): ReportDocument {
  const scenarios = [...new Set(runs.map(({ provenance }) => provenance.scenario))];
  const [first] = runs;
  if (first === undefined) throw new Error('a document of no runs');
  const of = provenanceOfAll(runs, first);
  const measured = seriesByName(runs);
  const figures = [...measured].map(([name, rows], i) => runsBeside(name, rows, i + 1));
  const curves = curvesFigure(measured);
  const block = (figure: Figure): Block => ({ kind: 'figure', figure, of });
  return {
    title: `${scenarios.join(', ')}: ${runs.length} runs beside each other`,
    provenance: runs.map(({ provenance }) => provenance),
    sections: [
      {
        id: 'runs',
        title: 'In short',
        blocks: [{ kind: 'table', table: runsTable(runs) }, ...figures.map(block)],
      },
      ...(curves === undefined
        ? []
        : [{ id: 'distributions', title: 'Distributions', blocks: [block(curves)] }]),
      {
        id: 'environment',
        title: 'What differs between them',
        blocks: [{ kind: 'table', table: differencesTable(runs) }],
      },
      { id: 'method', title: 'Method', blocks: [{ kind: 'text', paragraphs: METHOD_NOTES }] },
    ],
  };
}

/** Each thing measured, with the runs that measured it, in the order of the first that did. */
function seriesByName(runs: readonly ReportedRun[]): ReadonlyMap<string, readonly RunSeriesRow[]> {
  const found = new Map<string, RunSeriesRow[]>();
  for (const { series: own, provenance } of runs) {
    for (const { series } of own) {
      const row = { run: provenance.run, series };
      const rows = found.get(series.name);
      if (rows === undefined) found.set(series.name, [row]);
      else rows.push(row);
    }
  }
  return found;
}

/** Simulated where one of them is. */
function provenanceOfAll(runs: readonly ReportedRun[], first: ReportedRun): Provenance {
  const all = runs.map(({ provenance }) => provenance);
  const simulated = all.find(({ isSimulated }) => isSimulated);
  const names = all.map(({ run }) => run);
  const scenarios = [...new Set(all.map(({ scenario }) => scenario))];
  const caption = `${scenarios.join(', ')}, runs ${names.join(', ')}`;
  return { ...(simulated ?? first.provenance), run: names.join(', '), caption };
}

function curvesFigure(measured: ReturnType<typeof seriesByName>): Figure | undefined {
  const groups = [...measured].map(([title, rows]) => ({ title, series: rows.map(asCurve) }));
  const figure = ecdf(groups);
  if (figure === undefined) return undefined;
  const medians = [...measured].map(([name, rows]) => {
    const known = rows.flatMap(({ series: { p50 } }) => ('value' in p50 ? [p50.value] : []));
    if (known.length === 0) return `${name} never`;
    return `${name} ${secondsNumber(Math.min(...known))} to ${secondsText(Math.max(...known))}`;
  });
  return { ...figure, answer: `Medians of the runs: ${listText(medians)}.` };
}

function asCurve({ run, series }: RunSeriesRow, i: number) {
  const identity = IDENTITIES[i % IDENTITIES.length] ?? series.identity;
  return { ...series, label: run, name: `${run}, ${series.name}`, identity };
}

function runsTable(runs: readonly ReportedRun[]): Table {
  return {
    caption: 'The runs',
    headers: ['run', 'scenario', 'on', 'seed', 'got there', 'outcome'],
    rows: runs.map(({ source: { summary, manifest } }) => {
      const { id, scenario, target, seed } = summary.run;
      const where = manifest?.environment?.name;
      const on = target === 'simulated' ? simulatedWords(summary.simulation?.twin) : 'cluster';
      return [
        id,
        scenario,
        where === undefined ? on : `${on} ${where}`,
        String(seed),
        reachedText(summary),
        statusText(statusFact(summary)),
      ];
    }),
  };
}

function reachedText({ progress }: Summary): string {
  const reached = progress.reduce((sum, one) => sum + one.reached, 0);
  const asked = progress.reduce((sum, one) => sum + one.asked, 0);
  return reached === asked ? countText(asked) : partText(reached, asked);
}

/** A row for each value of each fact that is not the same in all. */
function differencesTable(runs: readonly ReportedRun[]): Table {
  const facts = runs.map(({ source: { manifest }, provenance }) => ({
    run: provenance.run,
    facts: {
      scenario: manifest?.scenario.sha256 ?? '-',
      bench: manifest?.host.bench ?? '-',
      ...manifest?.environment?.identity,
      ...manifest?.environment?.facts,
    } as Readonly<Record<string, string>>,
  }));
  const names = [...new Set(facts.flatMap((each) => Object.keys(each.facts)))].sort();
  return {
    caption: 'Facts that are not the same in all runs',
    headers: ['fact', 'value', 'runs'],
    rows: names.flatMap((name) => {
      const byValue = new Map<string, string[]>();
      for (const each of facts) {
        const value = each.facts[name] ?? '-';
        byValue.set(value, [...(byValue.get(value) ?? []), each.run]);
      }
      if (byValue.size < 2) return [];
      return [...byValue].map(([value, own]) => [name, value, own.join(', ')]);
    }),
    groupedBy: 0,
  };
}
