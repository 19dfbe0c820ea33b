/**
 * Aligned columns of text: numbers to the right, words to the left. What a reader would get wrong:
 * colour codes have no width, so they come last, around whole lines.
 */

export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
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

/** Lines of a table; where it is too wide, the first column gives way. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  style: TextStyle,
): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const cells = [titles, ...rows.filter(({ isHeading }) => !isHeading).map((row) => row.cells)];
  const natural = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const widths = shrinkFirst(natural, style.width);
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, i) => fit(row[i] ?? '', widths[i] ?? 0, align))
      .join(GAP)
      .trimEnd();
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

const LEAST_WIDTH = 12;

function shrinkFirst(widths: readonly number[], width: number): readonly number[] {
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  const [first = 0, ...others] = widths;
  const shrunk = first - Math.max(0, total - width);
  return [Math.max(Math.min(first, LEAST_WIDTH), shrunk), ...others];
}

function fit(text: string, width: number, align: TextColumn['align']): string {
  const shown = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return align === 'left' ? shown.padEnd(width) : shown.padStart(width);
}
