/**
 * A run for the bulk interface of OpenSearch or Elasticsearch: a document for each object and each
 * figure. Ids are made from the run, so an upload that is repeated replaces itself; and one request
 * should stay below some megabytes, hence several files.
 */

import { createHash } from 'node:crypto';
import { sampleRows } from '../../analyse/sample-rows.ts';
import { rfc3339 } from '../../core/time-text.ts';
import { SAMPLE_COLUMNS, sampleCells } from '../csv/sample-columns.ts';
import { type ExportFile, type ExportSource, describeOrigin, toWallUs } from './export-source.ts';

const SAMPLES_INDEX = 'bench-samples';
const FIGURES_INDEX = 'bench-figures';

/** Of one file, and so of one request. */
const MAX_BYTES = 5 * 1024 * 1024;

/** `bulk-0001.ndjson` and on; what `-` prints is all of them in a row. */
export function* openSearchFiles(source: ExportSource): Generator<ExportFile> {
  let pieces: string[] = [];
  let bytes = 0;
  let number = 1;
  const file = (): ExportFile => ({
    name: `bulk-${String(number++).padStart(4, '0')}.ndjson`,
    pieces,
  });
  for (const piece of bulkPieces(source)) {
    const size = Buffer.byteLength(piece);
    if (bytes + size > MAX_BYTES && pieces.length > 0) {
      yield file();
      pieces = [];
      bytes = 0;
    }
    pieces.push(piece);
    bytes += size;
  }
  if (pieces.length > 0) yield file();
}

/** Each piece is an action and its document, each on a line of its own. */
function* bulkPieces(source: ExportSource): Generator<string> {
  const { run, summary } = source;
  const origin = describeOrigin(source);
  const { id } = summary.run;
  const ended = rfc3339(toWallUs(run, run.lastUs));
  for (const { metric, dimensions, ...figures } of summary.metrics) {
    const key = [metric, ...Object.values(dimensions)].join('|');
    const document = { '@timestamp': ended, ...origin, metric, ...dimensions, ...figures };
    yield bulkPiece(FIGURES_INDEX, `${summary.run.scenario}|${id}|${key}`, document);
  }
  const cells = sampleCells(run);
  for (const row of sampleRows(run)) {
    const { operation, metric } = row.span;
    const values = cells(row);
    const named = SAMPLE_COLUMNS.map((column, i) => [column, values[i]] as const);
    const known = named.filter(([, value]) => value !== undefined && value !== '');
    const document = {
      '@timestamp': rfc3339(toWallUs(run, operation.sentUs)),
      ...origin,
      ...Object.fromEntries(known),
    };
    const object = row.span.object ?? `operation ${operation.id}`;
    const key = `${summary.run.scenario}|${id}|${operation.id}|${object}|${metric}`;
    yield bulkPiece(SAMPLES_INDEX, key, document);
  }
}

function bulkPiece(index: string, key: string, document: object): string {
  const action = { index: { _index: index, _id: createHash('sha256').update(key).digest('hex') } };
  return `${JSON.stringify(action)}\n${JSON.stringify(document)}\n`;
}
