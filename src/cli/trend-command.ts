/** `bench trend DIR`: change points over many nights, or in any series of numbers. */

import type { CommandBody } from './command-body.ts';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileTrouble } from '../core/disk-trouble.ts';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { DetectorOptions } from '../compare/change-points/detect-change-points.ts';
import { type DetectorName, DETECTORS } from '../compare/change-points/detectors.ts';
import { type Statistic, STATISTICS } from '../compare/history/series.ts';
import type { HistoryProblem } from '../compare/history/store.ts';
import { collectNights } from '../compare/trend/collect-nights.ts';
import { parseCsvSeries } from '../compare/trend/csv-series.ts';
import { trendOfValues } from '../compare/trend/trend.ts';
import { type TrendGroup, trendGroups } from '../compare/trend/trend-groups.ts';
import { renderTrend, renderTrendGroups } from '../report/trend/trend-terminal.ts';
import type { filesOfGroups, filesOfSeries, TrendFiles } from '../report/trend/trend-files.ts';
import { writeOutput } from '../core/write-atomic.ts';
import { EXIT } from '../core/exit-code.ts';
import { fraction, notNegative, once, wholeNumber } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { makeFolders } from '../record/folders.ts';

interface TrendArguments {
  readonly dir: string | undefined;
  readonly series: string | undefined;
  readonly direction: 'lower' | 'higher';
  readonly detector: DetectorName;
  readonly window: number | undefined;
  readonly maxP: number | undefined;
  readonly minChange: number | undefined;
  readonly scenario: string | undefined;
  readonly metric: string | undefined;
  readonly statistic: Statistic | undefined;
  readonly json: boolean;
  readonly html: string | undefined;
  readonly png: string | undefined;
}

const TREND_SCHEMA = 'bench/trend/v1';

export function trendCommand(session: Session): CommandBody<TrendArguments> {
  return {
    builder: options,
    handler: (args) => handle(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('dir', { type: 'string', describe: 'History of nights, or folder of results' })
    .option('series', {
      type: 'string',
      describe: 'A CSV file with the columns time,value instead',
      coerce: once('series'),
    })
    .option('direction', {
      choices: ['lower', 'higher'] as const,
      default: 'lower' as const,
      describe: 'What is better in the --series',
    })
    .option('detector', {
      choices: Object.keys(DETECTORS) as DetectorName[],
      default: 'bench' as const,
      describe: 'otava: as Apache Otava 0.8 does',
    })
    .option('window', {
      type: 'number',
      describe: 'Points in a window [default: 50]',
      coerce: wholeNumber('window'),
    })
    .option('max-p', {
      type: 'number',
      describe: 'Level of the tests [default: 0.001]',
      coerce: fraction('max-p'),
    })
    .option('min-change', {
      type: 'number',
      describe: 'Smallest change worth naming, % [default: 5; otava: 0]',
      coerce: notNegative('min-change'),
    })
    .option('scenario', { type: 'string', describe: 'Only this one', coerce: once('scenario') })
    .option('metric', {
      type: 'string',
      describe: 'Only this one [default: those that are gated]',
      coerce: once('metric'),
    })
    .option('statistic', { choices: STATISTICS, describe: 'Of the metrics' })
    .option('json', { type: 'boolean', default: false, describe: 'Print JSON on stdout' })
    .option('html', { type: 'string', describe: 'Write a page here', coerce: once('html') })
    .option('png', { type: 'string', describe: 'Write a picture here', coerce: once('png') })
    .example('$0 trend nights', 'the figures of a history, with what could be to blame')
    .example('$0 trend --series times.csv --json', 'change points of any series');
}

async function handle(session: Session, args: ArgumentsCamelCase<TrendArguments>): Promise<void> {
  const { dir, series } = args;
  if ((dir === undefined) === (series === undefined)) {
    throw new UsageError('trend needs the folder of a history, or --series FILE.csv');
  }
  if (series !== undefined) return seriesTrend(session, args, series);
  return historyTrend(session, args, dir ?? '');
}

async function seriesTrend(session: Session, args: TrendArguments, file: string): Promise<void> {
  const parsed = parseCsvSeries(readText(file));
  if (parsed.kind === 'broken') {
    throw new UsageError(parsed.problems.map((problem) => `${file}: ${problem}`).join('\n'));
  }
  const direction = args.direction === 'lower' ? 'lowerIsBetter' : 'higherIsBetter';
  const { rows, warnings } = parsed.series;
  const found = trendOfValues(rows, direction, readDetectorOptions(args));
  const trend = { ...found, warnings: [...warnings, ...found.warnings] };
  const { screen } = session;
  if (args.json) {
    const head = { schema: TREND_SCHEMA, detector: args.detector, file: basename(file) };
    screen.print(jsonText({ ...head, ...trend }));
  } else screen.print(renderTrend(basename(file), trend, chooseStyle(session)));
  await writeFiles(args, ({ filesOfSeries }) => filesOfSeries(basename(file), trend));
  if (trend.points.every(({ value }) => value === null)) session.finish(EXIT.invalid);
}

async function historyTrend(session: Session, args: TrendArguments, dir: string): Promise<void> {
  if (!existsSync(dir)) throw new UsageError(`${dir} does not exist`);
  const { nights, problems } = collectNights(dir);
  const { scenario, metric, statistic } = args;
  const filter = { scenario, metric, statistic };
  const all = trendGroups(
    nights.map(({ night }) => night),
    filter,
    readDetectorOptions(args),
  );
  const groups = all.filter(({ series }) => series.length > 0);
  print(session, args, groups, problems);
  if (groups.length === 0) {
    session.screen.tell(`bench: no nights with such figures in ${dir}`);
    return session.finish(EXIT.invalid);
  }
  return writeFiles(args, ({ filesOfGroups }) => filesOfGroups(groups));
}

function print(
  session: Session,
  args: TrendArguments,
  groups: readonly TrendGroup[],
  problems: readonly HistoryProblem[],
): void {
  const { screen } = session;
  for (const { file, message } of problems) screen.tell(`left out: ${file} ${message}`);
  if (args.json) {
    screen.print(jsonText({ schema: TREND_SCHEMA, detector: args.detector, groups, problems }));
  } else if (groups.length > 0) screen.print(renderTrendGroups(groups, chooseStyle(session)));
}

function readDetectorOptions({
  detector,
  window,
  maxP,
  minChange,
}: TrendArguments): DetectorOptions {
  const preset = DETECTORS[detector];
  if (window !== undefined && window < 4) throw new UsageError('--window has to be at least 4');
  return {
    ...preset,
    window: window ?? preset.window,
    maxP: maxP ?? preset.maxP,
    // A level that was asked for is taken as given.
    heedsAutocorrelation: maxP === undefined && preset.heedsAutocorrelation,
    minMagnitude: minChange === undefined ? preset.minMagnitude : minChange / 100,
  };
}

interface FileMakers {
  readonly filesOfGroups: typeof filesOfGroups;
  readonly filesOfSeries: typeof filesOfSeries;
}

async function writeFiles(
  { html, png }: TrendArguments,
  filesOf: (made: FileMakers) => TrendFiles,
): Promise<void> {
  if (html === undefined && png === undefined) return;
  // Loaded late: the canvas costs more than all other commands together.
  const files = filesOf(await import('../report/trend/trend-files.ts'));
  if (html !== undefined) write(html, files.html());
  if (png !== undefined) write(png, files.png());
}

function write(path: string, data: string | Buffer): void {
  makeFolders(dirname(path));
  writeOutput(path, data);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${fileTrouble(error)}`);
  }
}

function chooseStyle({ screen }: Session) {
  return { width: screen.out.columns, color: screen.colorOn(screen.out) };
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
