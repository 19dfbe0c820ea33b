/** The page of a calibration: the answer, measured and twin over each other, and the tables. */

import type { Block, ReportDocument } from '../document/document.ts';
import type { Provenance } from '../png/figure-picture.ts';
import { writeDocument, type WrittenReport } from '../write-report.ts';
import { calibrationFigures } from './calibration-figures.ts';
import {
  constantsTable,
  heldOutTable,
  notIdentifiedTable,
  stagesTable,
} from './calibration-tables.ts';
import { calibrationAnswers, type CalibrationPage } from './calibration-words.ts';

export function writeCalibrationReport(
  page: CalibrationPage,
  folder: string,
): Promise<WrittenReport> {
  return writeDocument(calibrationDocument(page), folder, { withPictures: true });
}

function calibrationDocument(page: CalibrationPage): ReportDocument {
  const { runs, cluster, calibration } = page;
  const of: Provenance = {
    scenario: 'calibration',
    run: runs.join(', '),
    isSimulated: true,
    twin: { runs, cluster, within: {}, unseen: [], guessed: [] },
    caption: 'measured, and its simulated twin',
  };
  const pictures = calibrationFigures(calibration.overlays);
  const tables = [constantsTable(page), heldOutTable(calibration), stagesTable(calibration)].filter(
    ({ rows }) => rows.length > 0,
  );
  return {
    title: `The twin of cluster ${cluster}`,
    provenance: [of],
    sections: [
      {
        id: 'answers',
        title: 'In short',
        blocks: [
          { kind: 'text', paragraphs: calibrationAnswers(page) },
          ...pictures.map((figure): Block => ({ kind: 'figure', figure, of })),
        ],
      },
      {
        id: 'tables',
        title: 'Constants and stages',
        blocks: [
          ...tables.map((table): Block => ({ kind: 'table', table })),
          { kind: 'table', table: notIdentifiedTable(calibration), isFolded: true },
        ],
      },
    ],
  };
}
