/** The formats of `bench export`, and the files that each one gives. */

import { feltCsv, samplesCsv, wavesCsv } from '../csv/csv.ts';
import { chromeTraceFiles } from './chrome-trace.ts';
import type { ExportFile, ExportSource } from './export-source.ts';
import { grafanaFiles } from './grafana.ts';
import { jsonArray, kubeBurnerDocuments, kubeBurnerFiles } from './kube-burner.ts';
import { openMetricsFiles } from './openmetrics.ts';
import { openSearchFiles } from './opensearch.ts';
import { otlpFiles } from './otlp.ts';
import { runJunitFiles } from './run-junit.ts';
import { vep411Files, vep411Results } from './vep411.ts';

export const EXPORT_FORMATS = [
  'kube-burner',
  'openmetrics',
  'chrome-trace',
  'csv',
  'junit',
  'opensearch',
  'vep411',
  'grafana',
  'otlp',
] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export function exportFiles(format: ExportFormat, source: ExportSource): Iterable<ExportFile> {
  switch (format) {
    case 'kube-burner':
      return kubeBurnerFiles(source);
    case 'openmetrics':
      return openMetricsFiles(source);
    case 'chrome-trace':
      return chromeTraceFiles(source);
    case 'csv':
      return [
        { name: 'samples.csv', pieces: samplesCsv(source.run) },
        { name: 'waves.csv', pieces: wavesCsv(source.summary) },
        ...(source.run.metrics.length > 0
          ? [{ name: 'felt.csv', pieces: feltCsv(source.run) }]
          : []),
      ];
    case 'junit':
      return runJunitFiles(source);
    case 'opensearch':
      return openSearchFiles(source);
    case 'vep411':
      return vep411Files(source);
    case 'grafana':
      return grafanaFiles(source);
    case 'otlp':
      return otlpFiles(source);
  }
}

/**
 * The one text of a format, for a pipe: of CSV the samples, of kube-burner one array of all, of
 * Grafana's dashboards the one over OpenMetrics.
 */
export function* exportText(format: ExportFormat, source: ExportSource): Generator<string> {
  switch (format) {
    case 'kube-burner':
      return yield* jsonArray(kubeBurnerDocuments(source));
    case 'csv':
      return yield* samplesCsv(source.run);
    case 'vep411':
      return yield* jsonArray(vep411Results(source));
    case 'grafana':
      // Two dashboards are no one text.
      return yield* [...grafanaFiles(source)].slice(0, 1).flatMap(({ pieces }) => [...pieces]);
    case 'openmetrics':
    case 'otlp':
    case 'chrome-trace':
    case 'junit':
    case 'opensearch':
      for (const { pieces } of exportFiles(format, source)) yield* pieces;
  }
}
