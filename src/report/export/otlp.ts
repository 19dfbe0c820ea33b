/**
 * A run as OpenTelemetry traces, in the JSON encoding of OTLP 1 (opentelemetry-proto, docs of "JSON
 * Protobuf Encoding"): a trace for each VM, its work as child spans, stages inside. A line is a
 * request of its own, as the collector's otlpjsonfile receiver reads it and /v1/traces takes it.
 * Ids follow from run and name, so a second import is the same one.
 */

import { createHash } from 'node:crypto';
import { type SampleRow, sampleRows } from '../../analyse/sample-rows.ts';
import { neutralText } from '../../core/neutral-text.ts';
import type { Run } from '../../record/run.ts';
import { type ExportFile, type ExportSource, originTexts, toWallUs } from './export-source.ts';
import { objectName, type Slice, makeSlice, makeStageSlices } from './slices.ts';

export function otlpFiles(source: ExportSource): readonly ExportFile[] {
  return [{ name: 'traces.otlp.jsonl', pieces: otlpLines(source) }];
}

/** A request with more spans than that is refused by some collectors. */
const SPANS_PER_LINE = 2_000;

function* otlpLines(source: ExportSource): Generator<string> {
  let pending: OtlpSpan[] = [];
  for (const [name, rows] of byVm(source.run)) {
    pending.push(...traceOf(source, name, rows));
    if (pending.length < SPANS_PER_LINE) continue;
    yield requestLine(source, pending);
    pending = [];
  }
  if (pending.length > 0) yield requestLine(source, pending);
}

/** What was done to one VM, over all steps; disks belong to the VM that they were cloned for. */
function byVm(run: Run): ReadonlyMap<string, readonly SampleRow[]> {
  const byName = new Map<string, SampleRow[]>();
  for (const row of sampleRows(run)) {
    const { name } = row.span.operation;
    const known = byName.get(name);
    if (known) known.push(row);
    else byName.set(name, [row]);
  }
  return byName;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** SPAN_KIND_INTERNAL. */
  readonly kind: 1;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  /** STATUS_CODE_OK and STATUS_CODE_ERROR; unset for stages. */
  readonly status: { readonly code?: 1 | 2; readonly message?: string };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly boolValue: boolean };
}

function traceOf(
  source: ExportSource,
  vm: string,
  rows: readonly SampleRow[],
): readonly OtlpSpan[] {
  const { run } = source;
  const traceId = idOf(source, vm).slice(0, 32);
  const spanId = (...path: readonly (string | number)[]) => idOf(source, vm, ...path).slice(0, 16);
  const slices = rows.map((row) => makeSlice(run, row));
  const whole = {
    begins: slices.reduce((first, { begins }) => Math.min(first, begins), Infinity),
    ends: slices.reduce((last, { ends }) => Math.max(last, ends), 0),
  };
  const missed = rows.find(({ span }) => span.outcome.state !== 'reached');
  const root: OtlpSpan = {
    traceId,
    spanId: spanId('root'),
    name: neutralText(vm),
    kind: 1,
    ...timesOf(run, whole),
    attributes: [],
    status: missed ? statusOf(missed) : { code: 1 },
  };
  const children = rows.flatMap((row, i) => {
    const slice = slices[i] as Slice;
    const own = { traceId, spanId: spanId(i), parentSpanId: root.spanId };
    const stages = makeStageSlices(row, slice).map(
      ({ stage, ...times }, s): OtlpSpan => ({
        traceId,
        spanId: spanId(i, s),
        parentSpanId: own.spanId,
        name: stage,
        kind: 1,
        ...timesOf(run, times),
        attributes: [],
        status: {},
      }),
    );
    return [objectSpan(run, row, slice, own), ...stages];
  });
  return [root, ...children];
}

function objectSpan(
  run: Run,
  row: SampleRow,
  slice: Slice,
  ids: Pick<OtlpSpan, 'traceId' | 'spanId' | 'parentSpanId'>,
): OtlpSpan {
  const { metric, dimensions, object, operation } = row.span;
  const node = object === undefined ? undefined : run.objects.latest(object, 'node');
  const { step, ...rest } = dimensions;
  const own = Object.entries(rest).map(([key, value]) => [`bench.${key}`, value] as const);
  return {
    ...ids,
    name: metric,
    kind: 1,
    ...timesOf(run, slice),
    attributes: attributes({
      'bench.step': step,
      'bench.wave': String(operation.wave + 1),
      'bench.object': objectName(run, row),
      'bench.warmup': row.warmup ? true : undefined,
      'k8s.node.name': node,
      ...Object.fromEntries(own),
    }),
    status: statusOf(row),
  };
}

/** An error is all that was not reached: failed, or not by the time we stopped waiting. */
function statusOf({ span: { outcome, operation } }: SampleRow): OtlpSpan['status'] {
  if (outcome.state === 'reached') return { code: 1 };
  const { miss } = operation;
  const why = miss === undefined ? '' : `: ${[miss.reason, miss.message ?? ''].join(' ').trim()}`;
  return { code: 2, message: neutralText(`${outcome.state}${why}`) };
}

function timesOf(run: Run, { begins, ends }: Slice) {
  const nano = (us: number) => `${Math.round(toWallUs(run, us))}000`;
  return { startTimeUnixNano: nano(begins), endTimeUnixNano: nano(ends) };
}

/** Hexadecimal; 32 digits are the id of a trace, 16 that of a span. */
function idOf({ summary }: ExportSource, ...path: readonly (string | number)[]): string {
  const { scenario, id, seed } = summary.run;
  return createHash('sha256')
    .update(JSON.stringify([scenario, id, seed, ...path]))
    .digest('hex');
}

function requestLine(source: ExportSource, spans: readonly OtlpSpan[]): string {
  const { manifest, summary } = source;
  const origin = originTexts(source).map(([key, text]) => [`bench.${key}`, text] as const);
  const resource = {
    attributes: attributes({
      'service.name': 'bench',
      'service.version': manifest?.host.bench,
      ...Object.fromEntries(origin),
      'bench.simulated': summary.run.target === 'simulated',
    }),
  };
  const scopeSpans = [{ scope: { name: 'bench' }, spans }];
  return `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] })}\n`;
}

function attributes(
  values: Readonly<Record<string, string | boolean | undefined>>,
): readonly Attribute[] {
  return Object.entries(values).flatMap(([key, value]): readonly Attribute[] => {
    if (value === undefined) return [];
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
    return [{ key, value: { stringValue: neutralText(value) } }];
  });
}
