/** The page of a study and its pictures. */

import type { StudySummary } from '../../compare/study-summary.ts';
import type { Manifest } from '../../record/manifest.ts';
import { calibratedTable } from '../content/environment.ts';
import type { ReportDocument } from '../document/document.ts';
import type { Provenance } from '../png/figure-picture.ts';
import { studyAnswers } from '../wording/study-words.ts';
import { writeDocument, type WrittenReport } from '../write-report.ts';
import { pointsTable, studyFigures } from './study-figures.ts';

/** `manifest`: of one of its runs, for the constants in force. */
export function writeStudyReport(
  summary: StudySummary,
  manifest: Manifest | undefined,
  folder: string,
): Promise<WrittenReport> {
  return writeDocument(studyDocument(summary, manifest), folder, { withPictures: true });
}

function studyDocument(summary: StudySummary, manifest: Manifest | undefined): ReportDocument {
  const { id, scenario } = summary;
  const of: Provenance = {
    scenario,
    run: id,
    isSimulated: summary.target !== 'cluster',
    twin: summary.twin,
    caption: `${scenario}, study ${id}, seeds from ${summary.seed}`,
  };
  const figures = studyFigures(summary).map((figure) => ({ kind: 'figure', figure, of }) as const);
  return {
    title: `Study of ${scenario}`,
    provenance: [of],
    sections: [
      {
        id: 'answers',
        title: 'In short',
        blocks: [{ kind: 'text', paragraphs: studyAnswers(summary) }, ...figures],
      },
      // What was varied by itself stands in the tables of the figures.
      ...(summary.sensitivity === undefined ? [pointsSection(summary)] : []),
      {
        id: 'environment',
        title: 'Environment',
        blocks: [{ kind: 'table', table: calibratedTable([manifest]), isFolded: true }],
      },
    ],
  };
}

function pointsSection(summary: StudySummary): ReportDocument['sections'][number] {
  const table = pointsTable(summary);
  return { id: 'points', title: 'Points', blocks: [{ kind: 'table', table }] };
}
