/**
 * Dashboards for Grafana (dashboard JSON model, schema version 39): one over the OpenMetrics export
 * in a Prometheus, one over the kube-burner export in an OpenSearch or Elasticsearch. A run is one
 * moment to a Prometheus, so each panel takes the last value in the time that is shown, and that
 * time has to hold the end of the run.
 */

import { rfc3339 } from '../../core/time-text.ts';
import { MINUTE } from '../../core/duration.ts';
import { neutralText } from '../../core/neutral-text.ts';
import { type ExportFile, type ExportSource, originTexts, toWallUs } from './export-source.ts';

export function grafanaFiles(source: ExportSource): readonly ExportFile[] {
  return [
    { name: 'bench-openmetrics.json', pieces: [text(openMetricsDashboard(source))] },
    { name: 'bench-kube-burner.json', pieces: [text(kubeBurnerDashboard(source))] },
  ];
}

function text(dashboard: object): string {
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

const SCHEMA_VERSION = 39;

/** Of 24 columns. */
const HALF = 12;
const WHOLE = 24;

interface Panel {
  readonly title: string;
  readonly type: 'bargauge' | 'table' | 'text';
  readonly width: number;
  readonly height: number;
  readonly description?: string;
  /** Grafana's id of a unit. */
  readonly unit?: string;
  readonly targets?: readonly object[];
  readonly options?: object;
  readonly transformations?: readonly object[];
}

interface Board {
  readonly title: string;
  readonly uid: string;
  /** Grafana's id of the kind of data source. */
  readonly datasource: 'prometheus' | 'elasticsearch';
  readonly run: object;
  readonly panels: readonly Panel[];
}

function dashboard(source: ExportSource, { datasource, run, panels, ...board }: Board): object {
  const { target } = source.summary.run;
  const simulated = target === 'simulated' ? ['simulated'] : [];
  const at = { type: datasource, uid: '${datasource}' };
  return {
    ...board,
    description: provenanceText(source),
    tags: ['bench', ...simulated],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    timezone: 'utc',
    time: timeOf(source),
    refresh: '',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: datasource },
        {
          name: 'run',
          label: 'Run',
          type: 'query',
          datasource: at,
          multi: true,
          refresh: 2,
          ...run,
        },
      ],
    },
    panels: placed([provenancePanel(source), ...panels]).map(({ panel, gridPos }, i) => {
      const { title, type, description, unit, targets, options = {}, transformations } = panel;
      return {
        id: i + 1,
        title,
        type,
        ...(description && { description }),
        gridPos,
        ...(targets && {
          datasource: at,
          targets: targets.map((target_) => ({ datasource: at, ...target_ })),
        }),
        fieldConfig: { defaults: unit === undefined ? {} : { unit }, overrides: [] },
        options,
        ...(transformations && { transformations }),
      };
    }),
  };
}

/** From left to right, then the next row. */
function placed(panels: readonly Panel[]) {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel) => {
    const { width: w, height: h } = panel;
    if (x + w > WHOLE) {
      [x, y] = [0, y + rowHeight];
      rowHeight = 0;
    }
    const gridPos = { x, y, w, h };
    x += w;
    rowHeight = Math.max(rowHeight, h);
    return { panel, gridPos };
  });
}

/** A little more than the run, so that its end is inside. */
function timeOf({ run }: ExportSource) {
  const at = (us: number) => rfc3339(toWallUs(run, us));
  return { from: at(-5 * MINUTE), to: at(run.lastUs + 5 * MINUTE) };
}

function provenanceText(source: ExportSource): string {
  const facts = originTexts(source).map(([key, value]) => `${key} ${value}`);
  const simulated = source.summary.run.target === 'simulated';
  const head = simulated ? 'SIMULATED cluster, no hardware was measured. ' : '';
  return neutralText(`${head}Written by bench for: ${facts.join(', ')}.`);
}

function provenancePanel(source: ExportSource): Panel {
  // In a code block, so that no name of a scenario is markup.
  const content = `\`\`\`text\n${provenanceText(source).replaceAll('`', "'")}\n\`\`\``;
  return {
    title: 'Where these figures come from',
    type: 'text',
    width: WHOLE,
    height: 4,
    options: { mode: 'markdown', content },
  };
}

function openMetricsDashboard(source: ExportSource): object {
  return dashboard(source, {
    title: 'bench: latencies (OpenMetrics)',
    uid: 'bench-openmetrics',
    datasource: 'prometheus',
    run: {
      query: { query: 'label_values(bench_run_info, run)', refId: 'runs' },
      current: { text: [source.summary.run.id], value: [source.summary.run.id] },
    },
    panels: [
      {
        title: 'Runs',
        type: 'table',
        width: WHOLE,
        height: 5,
        targets: [instant('A', `last_over_time(bench_run_info{${OF_RUN}}[$__range])`, 'table')],
      },
      ...[0.5, 0.95, 0.99].map((quantile) => latencyPanel(quantile)),
      {
        title: 'Mean of the reached',
        description: 'What was not reached has no length, and is left out here.',
        type: 'bargauge',
        width: HALF,
        height: 9,
        unit: 's',
        options: BARS,
        targets: [
          instant(
            'A',
            `sum by (${DIMENSIONS}) (${last('bench_latency_seconds_sum')}) / ` +
              `sum by (${DIMENSIONS}) (${last('bench_values_total', 'outcome="reached"')})`,
          ),
        ],
      },
      {
        title: 'What became of all that was asked for',
        type: 'bargauge',
        width: WHOLE,
        height: 9,
        unit: 'none',
        options: BARS,
        targets: [
          {
            ...instant('A', `sum by (${DIMENSIONS}, outcome) (${last('bench_values_total')})`),
            legendFormat: `${LEGEND} {{outcome}}`,
          },
        ],
      },
      ...feltPanels(source),
    ],
  });
}

const OF_RUN = 'run=~"$run"';
const DIMENSIONS = 'run, step, metric, image, source';
const LEGEND = '{{run}} {{step}} {{metric}} {{image}} {{source}}';
const BARS = {
  orientation: 'horizontal',
  displayMode: 'basic',
  reduceOptions: { calcs: ['lastNotNull'] },
};

function last(name: string, more?: string): string {
  const matchers = more === undefined ? OF_RUN : `${OF_RUN},${more}`;
  return `last_over_time(${name}{${matchers}}[$__range])`;
}

function instant(refId: string, expr: string, format = 'time_series'): object {
  return { refId, expr, instant: true, range: false, format, legendFormat: LEGEND };
}

function latencyPanel(quantile: number): Panel {
  const buckets = `sum by (le, ${DIMENSIONS}) (${last('bench_latency_seconds_bucket')})`;
  return {
    title: `p${100 * quantile}`,
    description: 'What was not reached is in the last bucket, and so beyond the largest bound.',
    type: 'bargauge',
    width: HALF,
    height: 9,
    unit: 's',
    options: BARS,
    targets: [instant('A', `histogram_quantile(${quantile}, ${buckets})`)],
  };
}

/** Of bench's units (catalogue/metric-profiles.ts), what Grafana calls them. */
const FELT_UNITS: Readonly<Record<string, string>> = {
  seconds: 's',
  bytes: 'bytes',
  cores: 'none',
  ratio: 'percentunit',
  perSecond: 'cps',
  count: 'short',
};

/** A panel for each unit that the run has. */
function feltPanels({ summary }: ExportSource): readonly Panel[] {
  const units = [...new Set((summary.felt ?? []).map(({ unit }) => unit))];
  return units.map((unit) => ({
    title: `What the cluster felt: the most, ${unit}`,
    type: 'bargauge',
    width: HALF,
    height: 9,
    unit: FELT_UNITS[unit] ?? 'short',
    options: BARS,
    targets: [
      {
        ...instant('A', last('bench_felt', `unit="${unit}",statistic="max"`)),
        legendFormat: '{{run}} {{step}} {{metric}}',
      },
    ],
  }));
}

function kubeBurnerDashboard(source: ExportSource): object {
  return dashboard(source, {
    title: 'bench: latencies (kube-burner documents)',
    uid: 'bench-kube-burner',
    datasource: 'elasticsearch',
    run: {
      query: JSON.stringify({ find: 'terms', field: 'uuid.keyword' }),
      includeAll: true,
      current: { text: ['All'], value: ['$__all'] },
    },
    panels: [
      {
        title: 'Jobs',
        type: 'table',
        width: WHOLE,
        height: 6,
        targets: [documents('A', 'jobSummary')],
      },
      ...FAMILIES.map(([prefix, title]): Panel => {
        return {
          title,
          description: 'Whole milliseconds, by the rule of kube-burner; of what finished only.',
          type: 'table',
          width: HALF,
          height: 9,
          unit: 'ms',
          targets: [quantiles('A', `${prefix}LatencyQuantilesMeasurement`)],
        };
      }),
      {
        title: 'What these documents leave out',
        description: 'Asked for, reached, failed, and not finished by the deadline, by job.',
        type: 'table',
        width: WHOLE,
        height: 6,
        targets: [documents('A', '*LatencyCensored')],
      },
    ],
  });
}

const FAMILIES = [
  ['vmi', 'Boots'],
  ['dv', 'DataVolumes'],
  ['pvc', 'PersistentVolumeClaims'],
  ['volumeSnapshot', 'VolumeSnapshots'],
] as const;

function found(refId: string, metricName: string) {
  return {
    refId,
    query: `metricName: ${metricName} AND uuid.keyword: $run`,
    timeField: 'timestamp',
  };
}

function documents(refId: string, metricName: string): object {
  const metrics = [{ id: '1', type: 'raw_data', settings: { size: '500' } }];
  return { ...found(refId, metricName), metrics, bucketAggs: [] };
}

function quantiles(refId: string, metricName: string): object {
  const terms = (id: string, field: string) => ({
    id,
    type: 'terms',
    field,
    settings: { size: '100', order: 'asc', orderBy: '_term', min_doc_count: '1' },
  });
  return {
    ...found(refId, metricName),
    metrics: ['P50', 'P95', 'P99', 'max'].map((field, i) => ({
      id: String(i + 1),
      type: 'max',
      field,
    })),
    bucketAggs: [terms('10', 'jobName.keyword'), terms('11', 'quantileName.keyword')],
  };
}
