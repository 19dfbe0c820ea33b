/**
 * A series from somewhere else: a CSV file with the columns `time` and `value`. An empty value is a
 * night without a figure; it keeps its row, so that indexes are those of the file, and is never
 * filled in.
 */

interface CsvSeries {
  readonly rows: readonly CsvRow[];
  /** What was odd and tolerated. */
  readonly warnings: readonly string[];
}

interface CsvRow {
  readonly time: string;
  readonly value: number | undefined;
}

export type ParsedSeries =
  | { readonly kind: 'series'; readonly series: CsvSeries }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/** Spellings of a value that is not there. */
const MISSING = /^(|nan|na|n\/a|null|none|-)$/i;

export function parseCsvSeries(text: string): ParsedSeries {
  const [head, ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = splitCells(head ?? '').map((name) => name.trim().toLowerCase());
  const [time, value] = [names.indexOf('time'), names.indexOf('value')];
  if (time < 0 || value < 0) {
    const found = names.filter((name) => name !== '').join(', ');
    return broken(`line 1: needs the columns time and value, has: ${found || 'none'}`);
  }
  const problems: string[] = [];
  const rows = lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const cells = splitCells(line);
    const written = (cells[value] ?? '').trim();
    const number = MISSING.test(written) ? undefined : Number(written);
    if (number !== undefined && !Number.isFinite(number)) {
      problems.push(`line ${i + 2}: '${written}' is no number`);
    }
    return [{ time: (cells[time] ?? '').trim(), value: number }];
  });
  if (problems.length > 0) return { kind: 'broken', problems };
  if (rows.length === 0) return broken('has no rows');
  return { kind: 'series', series: { rows, warnings: listWarnings(rows) } };
}

function broken(problem: string): ParsedSeries {
  return { kind: 'broken', problems: [problem] };
}

function listWarnings(rows: readonly CsvRow[]): readonly string[] {
  const missing = rows.filter(({ value }) => value === undefined).length;
  const backwards = rows.findIndex(({ time }, i) => i > 0 && isBefore(time, rows[i - 1]?.time));
  const times = rows.map(({ time }) => time);
  const twice = times.find((time, i) => time !== '' && time === times[i - 1]);
  return [
    ...(missing > 0 ? [`${missing} of ${rows.length} rows have no value and are left out`] : []),
    ...(backwards >= 0
      ? [`times go backwards at row ${backwards} (${times[backwards]}): the file's order is kept`]
      : []),
    ...(twice === undefined ? [] : [`time ${twice} comes more than once`]),
  ];
}

/** Of numbers, or of dates in ISO 8601; anything else is not compared. */
function isBefore(time: string, previous: string | undefined): boolean {
  if (previous === undefined || time === '' || previous === '') return false;
  const [a, b] = [Number(time), Number(previous)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a < b;
  const isDate = /^\d{4}-\d\d-\d\d/;
  return isDate.test(time) && isDate.test(previous) && time < previous;
}

/** RFC 4180 within one line: quotes, and doubled quotes inside them. */
function splitCells(line: string): readonly string[] {
  const cells = line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))(?=,|$)/g);
  return [...cells].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '');
}
