/** `bench export RUN --format F`: a run in the words of other tools. */

import type { CommandBody } from './command-body.ts';
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { findRun } from '../record/layout.ts';
import type { ExportFile, ExportSource } from '../report/export/export-source.ts';
import {
  EXPORT_FORMATS,
  exportFiles,
  type ExportFormat,
  exportText,
} from '../report/export/formats.ts';
import { writeOutput } from '../core/write-atomic.ts';
import { EXIT } from '../core/exit-code.ts';
import { readMeasuredRun } from '../run/measured-run.ts';
import { once } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { RESULTS, RUN } from './shared-options.ts';
import { makeFolders } from '../record/folders.ts';

interface ExportArguments {
  readonly run: string;
  readonly results: string;
  readonly format: ExportFormat;
  readonly out: string;
}

export function exportCommand(session: Session): CommandBody<ExportArguments> {
  return {
    builder: options,
    handler: (args) => handle(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('run', RUN)
    .option('results', RESULTS)
    .option('format', {
      choices: EXPORT_FORMATS,
      demandOption: 'which format?',
      describe: 'What to write',
      coerce: once('format'),
    })
    .option('out', {
      type: 'string',
      default: '-',
      describe: 'Folder for the files, or - for stdout',
      coerce: once('out'),
    })
    .example('$0 export latest --format kube-burner --out docs/', 'documents for Orion')
    .example('$0 export R --format chrome-trace > trace.json', 'for ui.perfetto.dev')
    .example('$0 export R --format grafana --out dashboards', 'dashboards over the exports')
    .example('$0 export R --format otlp > traces.jsonl', 'a trace for each VM');
}

function handle(session: Session, args: ArgumentsCamelCase<ExportArguments>): void {
  const found = findRun(args.results, args.run);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const read = readMeasuredRun(found.folder);
  if (read.kind === 'unreadable' || read.measured.run === undefined) {
    const why = read.kind === 'unreadable' ? read.message : 'its history cannot be read';
    session.screen.tell(`bench: nothing to export: ${why}`);
    return session.finish(EXIT.invalid);
  }
  const { run, summary, manifest } = read.measured;
  write(session, args, { run, summary, manifest });
}

function write({ screen }: Session, { out, format }: ExportArguments, source: ExportSource): void {
  if (out === '-') {
    for (const piece of exportText(format, source)) screen.print(piece);
    return;
  }
  makeFolders(out);
  for (const file of exportFiles(format, source)) screen.tell(writeFile(out, file));
}

/** The path of what was written. */
function writeFile(folder: string, { name, pieces }: ExportFile): string {
  const path = join(folder, name);
  writeOutput(path, pieces);
  return path;
}
