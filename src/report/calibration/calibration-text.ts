/** A calibration on the terminal, and for machines. */

import { fittedDocument } from '../../calibrate/twin-document.ts';
import type { Table } from '../figures/figure.ts';
import { renderTable } from '../terminal/render-table.ts';
import { heading, type TextStyle, wrapped } from '../terminal/text-table.ts';
import { countedText } from '../wording/numbers.ts';
import {
  constantsTable,
  heldOutTable,
  notIdentifiedTable,
  stagesTable,
} from './calibration-tables.ts';
import { calibrationAnswers, type CalibrationPage } from './calibration-words.ts';

type Style = TextStyle & { readonly verbose: boolean };

export function calibrationText(page: CalibrationPage, style: Style): string {
  const { calibration } = page;
  const [first = '', ...others] = calibrationAnswers(page);
  return [
    ...wrapped(first, style.width, ''),
    ...others.flatMap((answer) => wrapped(`- ${answer}`, style.width, '  ')),
    '',
    ...tableLines(constantsTable(page), style),
    ...tableLines(stagesTable(calibration), style),
    ...tableLines(heldOutTable(calibration), style),
    ...notIdentifiedLines(page, style),
  ].join('\n');
}

function tableLines(table: Table, style: TextStyle): readonly string[] {
  if (table.rows.length === 0) return [];
  return [heading(table.caption, style), ...renderTable(table, style), ''];
}

function notIdentifiedLines({ calibration }: CalibrationPage, style: Style): readonly string[] {
  const { notIdentified } = calibration;
  if (notIdentified.length === 0) return [];
  if (style.verbose) return tableLines(notIdentifiedTable(calibration), style);
  const count = countedText(notIdentified.length, 'constant');
  return [`${count} stay as they were, since these runs do not tell them: --verbose`];
}

/** Schema bench/calibration/v1; seconds. */
export function calibrationJson(page: CalibrationPage): string {
  const { runs, cluster, invalid, calibration, drift } = page;
  const { quality, heldOut, simulations, flattening } = calibration;
  const fitted = fittedDocument(calibration, runs);
  const document = {
    schema: 'bench/calibration/v1',
    runs,
    cluster,
    invalid,
    simulations,
    constants: fitted.constants,
    notIdentified: fitted.notIdentified,
    stages: quality.map(({ names, measured, twin, ...stage }) => ({
      ...stage,
      measured: named(names, measured),
      twin: named(names, twin),
    })),
    heldOut,
    flattening,
    ...(drift === undefined ? {} : { drift }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function named(names: readonly string[], values: readonly number[]) {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
