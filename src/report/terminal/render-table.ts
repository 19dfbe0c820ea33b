/**
 * A document's table on a terminal. Where intervals do not fit beside their numbers they go on a
 * line of their own beneath them.
 */

import type { Table } from '../figures/figure.ts';
import { dimmed, type TextColumn, type TextRow, type TextStyle } from './text-table.ts';
import { textTable, wrapped } from './text-table.ts';
import { plainText } from '../../core/plain-text.ts';
import { isFigure } from '../wording/numbers.ts';

/** Lines of the table, its legend below; none where it has no rows. */
export function renderTable(table: Table, style: TextStyle): readonly string[] {
  if (table.rows.length === 0) return [];
  const legend = table.legend === undefined ? [] : wrapped(table.legend, style.width, '');
  return [...tableLines(table, style), ...legend.map((line) => dimmed(line, style))];
}

function tableLines({ headers, rows, groupedBy, spare = [] }: Table, style: TextStyle) {
  const texts = rows.map((row) => row.map((cell) => plainText(String(cell))));
  const isNumeric = headers.map((_, i) =>
    texts.every((row) => row[i] === '' || isFigure(row[i] ?? '')),
  );
  const all = headers.map((_, i) => i).filter((i) => i !== groupedBy);
  const columnsOf = (kept: readonly number[]) =>
    kept.map((i, place): TextColumn => {
      const title = headers[i] ?? '';
      const align = isNumeric[i] && place > 0 ? 'right' : 'left';
      return { title, align, isOptional: spare.includes(title) };
    });
  const lay = (kept: readonly number[], rowsOf: RowsOf) =>
    textTable(columnsOf(kept), layOut(texts, kept, groupedBy, rowsOf), style);
  const plain = textTable(columnsOf(all), layOut(texts, all, groupedBy, asOne), UNLIMITED);
  if (plain.every(({ length }) => length <= style.width)) return lay(all, asOne);
  if (texts.some((row) => row.some(hasInterval))) return lay(all, withIntervalsBelow);
  const last = all.at(-1) ?? 0;
  if (isNumeric[last]) return lay(all, asOne);
  return lay(all.slice(0, -1), (cells, row) => [
    { cells },
    ...sentenceLines(row[last] ?? '', style.width).map((text) => ({
      cells: [text],
      isHeading: true,
    })),
  ]);
}

const UNLIMITED: TextStyle = { width: Number.POSITIVE_INFINITY, color: false };

const SENTENCE_LINES_MOST = 3;

/** Words that do not fit their row go below it. */
function sentenceLines(text: string, width: number): readonly string[] {
  if (text === '') return [];
  const lines = wrapped(text, width - 4, '').map((line) => `    ${line}`);
  const shown = lines.slice(0, SENTENCE_LINES_MOST);
  return lines.length > shown.length ? [...shown.slice(0, -1), `${shown.at(-1)} …`] : shown;
}

/** The lines of one row: its cells as shown, and all of its texts. */
type RowsOf = (cells: readonly string[], row: readonly string[]) => readonly TextRow[];

const asOne: RowsOf = (cells) => [{ cells }];

function layOut(
  texts: readonly (readonly string[])[],
  kept: readonly number[],
  groupedBy: number | undefined,
  rowsOf: RowsOf,
): readonly TextRow[] {
  return texts.flatMap((row, r) => {
    const cells = kept.map((i) => row[i] ?? '');
    if (groupedBy === undefined) return rowsOf(cells, row);
    const [first = '', ...others] = cells;
    const own = rowsOf([`  ${first}`, ...others], row);
    const title = row[groupedBy] ?? '';
    if (title === texts[r - 1]?.[groupedBy]) return own;
    return [{ cells: [title], isHeading: true }, ...own];
  });
}

const INTERVAL = /^([^(]+) \(([^()]+)\)$/;

function hasInterval(text: string): boolean {
  return isFigure(text) && INTERVAL.test(text);
}

function withIntervalsBelow(cells: readonly string[]): readonly TextRow[] {
  const parts = cells.map((text) => (hasInterval(text) ? INTERVAL.exec(text) : null));
  if (parts.every((part) => part === null)) return [{ cells }];
  return [
    { cells: cells.map((text, i) => parts[i]?.[1] ?? text) },
    { cells: cells.map((_, i) => parts[i]?.[2] ?? ''), isFaint: true },
  ];
}
