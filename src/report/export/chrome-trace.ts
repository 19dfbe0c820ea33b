/**
 * A run as a Chrome trace, which Perfetto opens: a process for each wave, a track for each object,
 * its stages inside. On one track slices may only nest, never overlap, so disks of one VM are
 * tracks of their own; and what was not reached is a slice up to where we stopped looking, marked
 * as such.
 */

import { type SampleRow, sampleRows } from '../../analyse/sample-rows.ts';
import type { Run, RunWave } from '../../record/run.ts';
import { type ExportFile, type ExportSource, describeOrigin } from './export-source.ts';
import { objectName, type Slice, makeSlice, makeStageSlices } from './slices.ts';

type TraceEvent = Readonly<Record<string, unknown>>;

export function chromeTraceFiles(source: ExportSource): readonly ExportFile[] {
  return [{ name: 'trace.json', pieces: traceText(source) }];
}

function* traceText(source: ExportSource): Generator<string> {
  const head = { displayTimeUnit: 'ms', otherData: describeOrigin(source) };
  yield `${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n`;
  let separator = '';
  for (const event of traceEvents(source.run)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

function* traceEvents(run: Run): Generator<TraceEvent> {
  const processes = listProcesses(run);
  const steps = new Map(run.steps.map((step) => [step.index, step.name]));
  for (const [wave, pid] of processes) {
    const name = `${steps.get(wave.step) ?? wave.step}, wave ${wave.index + 1}`;
    yield { ph: 'M', pid, tid: 0, name: 'process_name', args: { name } };
    yield { ph: 'M', pid, tid: 0, name: 'process_sort_index', args: { sort_index: pid } };
    yield { ph: 'i', s: 'g', pid, tid: 0, ts: wave.releaseUs, name: `release: ${name}` };
  }
  for (const { from, t, k, cause } of run.gaps) {
    const args = { cause, seconds: (t - from) / 1e6 };
    yield { ph: 'i', s: 'g', pid: 0, tid: 0, ts: t, name: `watch gap: ${k}`, args };
  }
  yield* objectEvents(run, processes);
}

/** Waves with the number of their process, in order of release. */
function listProcesses({ waves }: Run): readonly (readonly [wave: RunWave, pid: number])[] {
  const ordered = [...waves].sort((a, b) => a.releaseUs - b.releaseUs || a.step - b.step);
  return ordered.map((wave, i) => [wave, i + 1] as const);
}

function* objectEvents(
  run: Run,
  processes: readonly (readonly [RunWave, number])[],
): Generator<TraceEvent> {
  const pids = new Map(processes.map(([wave, pid]) => [`${wave.step}/${wave.index}`, pid]));
  const tracks = new Map<number, number>();
  const flights: Flight[] = [];
  for (const row of sampleRows(run)) {
    const { step, wave } = row.span.operation;
    const pid = pids.get(`${step}/${wave}`) ?? 0;
    const tid = (tracks.get(pid) ?? 0) + 1;
    tracks.set(pid, tid);
    const { begins, ends } = makeSlice(run, row);
    flights.push({ pid, atUs: begins, by: 1 }, { pid, atUs: ends, by: -1 });
    yield { ph: 'M', pid, tid, name: 'thread_name', args: { name: objectName(run, row) } };
    yield wholeSlice(run, row, { pid, tid, begins, ends });
    yield* stageSlices(row, { pid, tid, begins, ends });
  }
  yield* inFlight(flights);
}

interface Track extends Slice {
  readonly pid: number;
  readonly tid: number;
}

function wholeSlice(run: Run, { span, warmup }: SampleRow, track: Track): TraceEvent {
  const { metric, outcome, dimensions, object, operation } = span;
  const node = object === undefined ? undefined : run.objects.latest(object, 'node');
  const { pid, tid, begins, ends } = track;
  return {
    ph: 'X',
    pid,
    tid,
    ts: begins,
    dur: Math.max(0, ends - begins),
    name: metric,
    cat: outcome.state,
    args: {
      ...dimensions,
      ...(node === undefined ? {} : { node }),
      ...(warmup ? { warmup } : {}),
      ...(outcome.state === 'censored' ? { censored: true } : {}),
      ...(outcome.state === 'failed' ? { failed: true } : {}),
      ...(operation.miss === undefined ? {} : { reason: operation.miss.reason }),
    },
  };
}

function* stageSlices(row: SampleRow, track: Track): Generator<TraceEvent> {
  const { pid, tid } = track;
  for (const { stage, begins, ends } of makeStageSlices(row, track)) {
    yield { ph: 'X', pid, tid, ts: begins, dur: ends - begins, name: stage, cat: 'stage' };
  }
}

interface Flight {
  readonly pid: number;
  readonly atUs: number;
  readonly by: number;
}

/** How many objects of a wave are under way, as a counter. */
function* inFlight(flights: Flight[]): Generator<TraceEvent> {
  const counts = new Map<number, number>();
  for (const { pid, atUs, by } of flights.sort((a, b) => a.atUs - b.atUs || b.by - a.by)) {
    const count = (counts.get(pid) ?? 0) + by;
    counts.set(pid, count);
    yield { ph: 'C', pid, tid: 0, ts: atUs, name: 'in flight', args: { objects: count } };
  }
}
