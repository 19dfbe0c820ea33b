/**
 * Aligned columns of text: numbers to the right, words to the left. What a reader would get wrong:
 * colour codes have no width, so they come last, around whole lines.
 */

export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Left out where the table is too wide. */
  readonly isOptional?: boolean;
}

export interface TextRow {
  readonly cells: readonly string[];
  /** Its one cell runs across the table. */
  readonly isHeading?: boolean;
  /** It belongs to the row above. */
  readonly isFaint?: boolean;
}

export interface TextStyle {
  readonly width: number;
  readonly color: boolean;
}

const GAP = '  ';

/** A first column of words. */
export function words(title: string): TextColumn {
  return { title, align: 'left' };
}

export function numbers(...titles: readonly string[]): readonly TextColumn[] {
  return titles.map((title) => ({ title, align: 'right' }));
}

/** As numbers, for what can be spared. */
export function spareNumbers(...titles: readonly string[]): readonly TextColumn[] {
  return titles.map((title) => ({ title, align: 'right', isOptional: true }));
}

/** Lines of a table; where it is too wide, optional columns go, and the first one gives way. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  style: TextStyle,
): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const cells = [titles, ...rows.filter(({ isHeading }) => !isHeading).map((row) => row.cells)];
  const natural = columns.map((_, i) =>
    cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0),
  );
  const widths = fittedWidths(columns, natural, style.width);
  const line = (row: readonly string[]) => formatLine(columns, widths, row);
  return [
    dimmed(line(titles), style),
    ...rows.map((row) => {
      if (row.isHeading) return fit(row.cells[0] ?? '', style.width, 'left').trimEnd();
      return row.isFaint ? dimmed(line(row.cells), style) : line(row.cells);
    }),
  ];
}

/** A heading of its own line. */
export function heading(text: string, { color }: TextStyle): string {
  return color ? `\u001b[1m${text}\u001b[22m` : text;
}

export function dimmed(text: string, { color }: TextStyle): string {
  return color ? `\u001b[2m${text}\u001b[22m` : text;
}

/** Words filled into lines no longer than `width`; continuation lines start with `indent`. */
export function wrapped(text: string, width: number, indent = '  '): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The first column is not made narrower than this while there are columns to spare. */
const GOOD_WIDTH = 24;

const LEAST_WIDTH = 12;

/** Width of each column; 0 for one that is left out. */
function fittedWidths(
  columns: readonly TextColumn[],
  natural: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...natural];
  const [first = 0] = natural;
  const spare = columns.flatMap(({ isOptional }, i) => (isOptional ? [i] : []));
  while (first - excess(widths, width) < Math.min(first, GOOD_WIDTH)) {
    const last = spare.pop();
    if (last === undefined) break;
    widths[last] = 0;
  }
  const shrunk = first - Math.max(0, excess(widths, width));
  return [Math.max(Math.min(first, LEAST_WIDTH), shrunk), ...widths.slice(1)];
}

function excess(widths: readonly number[], width: number): number {
  const shown = widths.filter((each) => each > 0);
  const gaps = GAP.length * (shown.length - 1);
  return shown.reduce((sum, each) => sum + each, gaps) - width;
}

function formatLine(
  columns: readonly TextColumn[],
  widths: readonly number[],
  cells: readonly string[],
): string {
  return columns
    .flatMap(({ align }, i) => {
      const width = widths[i] ?? 0;
      return width === 0 ? [] : [fit(cells[i] ?? '', width, align)];
    })
    .join(GAP)
    .trimEnd();
}

function fit(text: string, width: number, align: TextColumn['align']): string {
  const shown = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return align === 'left' ? shown.padEnd(width) : shown.padStart(width);
}
