import { describe, expect, test } from 'vitest';
import { summarise } from '../../../src/analyse/summary.ts';
import { parseRfc3339 } from '../../../src/core/time-text.ts';
import type { ExportSource } from '../../../src/report/export/export-source.ts';
import { exportFiles, type ExportFormat, exportText } from '../../../src/report/export/formats.ts';
import { type HistoryDraft, history } from '../../support/history.ts';
import { nightFiles } from '../../support/nights.ts';

/** Two arms of clones, one of them failed; four boots, one of them still running at its deadline. */
function draftRun(): HistoryDraft {
  const draft = history({ target: 'simulated' });
  const variants = [
    { image: 'rhel9', source: 'pvc' },
    { image: 'rhel9', source: 'snapshot' },
  ];
  const clones = draft.step({
    kind: 'clone',
    name: 'clone a/b',
    variants,
    until: 'dataVolumeSucceeded',
  });
  draft.wave({ step: clones, wave: 0, at: 10, n: 2 });
  const good = draft.clone({
    step: clones,
    name: 'a-1',
    seen: 10.1,
    scheduled: 10.2,
    succeeded: 19.5,
  });
  const claim = draft.object({
    kind: 'PersistentVolumeClaim',
    name: 'a-1',
    at: 10.4,
    owner: good.object,
  });
  draft.change(claim, 19.4, ['phase', 'Bound']);
  const bad = draft.clone({ step: clones, name: 'a-2', seen: 10.1 });
  draft.miss(bad.operation, 25, 'failed', 'CloneFailed');
  draft.wave({ step: clones, wave: 1, at: 30, n: 1 });
  draft.clone({ step: clones, wave: 1, variant: 1, name: 's-1', seen: 30.1, succeeded: 33.1 });
  const boots = draft.step({
    kind: 'boot',
    name: 'boots',
    variants: [{ image: 'rhel9', template: 'small' }],
    until: 'guestReady',
  });
  draft.wave({ step: boots, wave: 0, at: 40, n: 4 });
  for (const [i, seconds] of [20, 22, 24].entries()) {
    const { object } = draft.boot({
      step: boots,
      name: `vm-${i}`,
      sent: 40,
      seen: 40.2,
      scheduling: 40.3,
      scheduled: 41 + i,
      running: 40 + seconds / 2,
      guestReady: 40 + seconds,
      node: `worker-${i}`,
    });
    const pod = draft.object({
      kind: 'Pod',
      name: `virt-launcher-vm-${i}`,
      at: 40.25,
      owner: object,
    });
    draft.change(pod, 40.5, ['PodScheduled', 'True']);
    draft.change(object, 41 + seconds / 2, ['Ready', 'True']);
  }
  const late = draft.boot({ step: boots, name: 'vm-3', sent: 40, seen: 40.2, scheduling: 40.3 });
  draft.miss(late.operation, 100, 'censored');
  draft.end(100, 'partial');
  return draft;
}

function findSource(draft: HistoryDraft): ExportSource {
  const run = draft.run();
  const { manifest } = nightFiles({ index: 0 });
  return { run, summary: summarise(run), manifest: { ...manifest, namespace: 'bench-r1' } };
}

const source = findSource(draftRun());

function files(format: ExportFormat): ReadonlyMap<string, string> {
  return new Map(
    [...exportFiles(format, source)].map(({ name, pieces }) => [name, [...pieces].join('')]),
  );
}

function documents(name: string): readonly Record<string, unknown>[] {
  return JSON.parse(files('kube-burner').get(name) ?? 'null');
}

describe('kube-burner documents', () => {
  test('lie in arrays, a file for each metric and job; an arm is a job', () => {
    expect([...files('kube-burner').keys()].sort()).toEqual([
      'dvLatencyCensored-clone-a-b-pvc.json',
      'dvLatencyCensored-clone-a-b-snapshot.json',
      'dvLatencyMeasurement-clone-a-b-pvc.json',
      'dvLatencyMeasurement-clone-a-b-snapshot.json',
      'dvLatencyQuantilesMeasurement-clone-a-b-pvc.json',
      'dvLatencyQuantilesMeasurement-clone-a-b-snapshot.json',
      'jobSummary.json',
      'pvcLatencyCensored-clone-a-b-pvc.json',
      'pvcLatencyCensored-clone-a-b-snapshot.json',
      'pvcLatencyMeasurement-clone-a-b-pvc.json',
      'pvcLatencyQuantilesMeasurement-clone-a-b-pvc.json',
      'vmiLatencyCensored-boots.json',
      'vmiLatencyMeasurement-boots.json',
      'vmiLatencyQuantilesMeasurement-boots.json',
    ]);
  });

  test('of a boot have exactly the fields of that tool, in whole milliseconds', () => {
    const [first, ...rest] = documents('vmiLatencyMeasurement-boots.json');
    expect(rest).toHaveLength(2);
    expect(first).toEqual({
      timestamp: '2023-11-14T22:14:00Z',
      podCreatedLatency: 250,
      podScheduledLatency: 500,
      podInitializedLatency: 0,
      podContainersReadyLatency: 0,
      podReadyLatency: 0,
      podReadyToStartContainersLatency: 0,
      vmiCreatedLatency: 200,
      vmiPendingLatency: 200,
      vmiSchedulingLatency: 300,
      vmiScheduledLatency: 1000,
      vmiRunningLatency: 10_000,
      vmReadyLatency: 11_000,
      metricName: 'vmiLatencyMeasurement',
      uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      namespace: 'bench-r1',
      podName: 'virt-launcher-vm-0',
      vmName: 'vm-0',
      vmiName: 'vm-0',
      nodeName: 'worker-0',
      jobName: 'boots',
      metadata: expect.objectContaining({ simulated: true, benchRun: 'r1' }),
      jobIteration: 0,
      replica: 1,
    });
  });

  test('of a clone count from its first sight', () => {
    expect(documents('dvLatencyMeasurement-clone-a-b-pvc.json')).toMatchObject([
      { dvName: 'a-1', dvReadyLatency: 9400, dvBoundLatency: 0, jobIteration: 0, replica: 1 },
    ]);
    expect(documents('dvLatencyMeasurement-clone-a-b-snapshot.json')).toMatchObject([
      { dvName: 's-1', dvReadyLatency: 3000, jobIteration: 1, replica: 1 },
    ]);
  });

  test('of a claim count from its first sight, too', () => {
    const [claim] = documents('pvcLatencyMeasurement-clone-a-b-pvc.json');
    expect(claim).toEqual({
      timestamp: '2023-11-14T22:13:30Z',
      pendingLatency: 0,
      bindingLatency: 9000,
      lostLatency: 0,
      resizeLatency: 0,
      metricName: 'pvcLatencyMeasurement',
      uuid: expect.any(String),
      namespace: 'bench-r1',
      pvcName: 'a-1',
      size: 'unknown',
      storageClass: 'unknown',
      jobName: 'clone-a-b-pvc',
      metadata: expect.any(Object),
      jobIteration: 0,
      replica: 1,
    });
  });

  test('of quantiles follow the rule of that tool, for moments that were seen', () => {
    const quantiles = documents('vmiLatencyQuantilesMeasurement-boots.json');
    expect(quantiles.map(({ quantileName }) => quantileName)).toEqual([
      'VMReady',
      'VMICreated',
      'VMIPending',
      'VMIScheduling',
      'VMIScheduled',
      'VMIRunning',
      'PodCreated',
      'PodPodScheduled',
    ]);
    expect(quantiles[5]).toMatchObject({
      quantileName: 'VMIRunning',
      // Of 10, 11, 12 s: np is 1.5, 2.85 and 2.97, so the mean of two neighbours each time.
      P50: 10_500,
      P95: 11_500,
      P99: 11_500,
      min: 10_000,
      max: 12_000,
      avg: 11_000,
      metadata: { n: 3 },
    });
  });

  test('say beside them what they leave out', () => {
    expect(documents('vmiLatencyCensored-boots.json')).toMatchObject([
      { requested: 4, reached: 3, failed: 0, censored: 1, reasons: { 'censored: Timeout': 1 } },
    ]);
    expect(documents('dvLatencyCensored-clone-a-b-pvc.json')).toMatchObject([
      { requested: 2, reached: 1, failed: 1, reasons: { 'failed: CloneFailed': 1 } },
    ]);
  });

  test('sum up each job', () => {
    const [pvc, snapshot, boots] = documents('jobSummary.json');
    expect(pvc).toMatchObject({
      metricName: 'jobSummary',
      jobConfig: { name: 'clone-a-b-pvc', jobType: 'create', maxWaitTimeout: 600e9 },
      passed: false,
      executionErrors: '1 of 2 operations missed',
      simulated: true,
    });
    expect(snapshot).not.toHaveProperty('executionErrors');
    expect(boots).toMatchObject({ jobConfig: { jobType: 'kubevirt', jobIterations: 1 } });
    expect(parseRfc3339(String(pvc?.['timestamp']))).toBeDefined();
  });

  test('come as one array through a pipe', () => {
    const all = JSON.parse([...exportText('kube-burner', source)].join(''));
    const apart = [...files('kube-burner').values()].flatMap((text) => JSON.parse(text));
    expect(all).toHaveLength(apart.length);
  });
});

describe('OpenMetrics', () => {
  const text = files('openmetrics').get('metrics.openmetrics.txt') ?? '';
  const samples = (start: string) => text.split('\n').filter((line) => line.startsWith(start));
  const boots = (name: string) =>
    samples(`bench_latency_seconds_${name}`).filter((line) => line.includes('metric="vmiRunning"'));

  test('ends as the format asks, with a type for each family', () => {
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(samples('# TYPE')).toEqual([
      '# TYPE bench_run info',
      '# TYPE bench_latency_seconds histogram',
      '# TYPE bench_values counter',
    ]);
  });

  test('has 111 buckets that grow, and one for what was not reached', () => {
    const counts = boots('bucket').map((line) => Number(line.split(' ').at(-2)));
    expect(counts).toHaveLength(112);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-2)).toBe(3);
    expect(counts.at(-1)).toBe(4);
    expect(boots('count')[0]).toMatch(/ 4 1700000100\.000$/);
    // 9.8, 10.8 and 11.8 s from the first sight of the VMI.
    expect(boots('sum')[0]).toContain(' 32.4 ');
  });

  test('writes bounds and labels as the format asks', () => {
    expect(boots('bucket')[0]).toContain('le="0.1"}');
    expect(text).toContain('outcome="censored"} 1 ');
    const hostile = history();
    const step = hostile.step({ kind: 'clone', name: 'a"b\\c\nd', until: 'dataVolumeSucceeded' });
    hostile.wave({ step, wave: 0, at: 0 });
    hostile.clone({ step, name: 'x', seen: 1, succeeded: 2 });
    const written = [...exportText('openmetrics', findSource(hostile))].join('');
    expect(written).toContain(String.raw`step="a\"b\\c\nd"`);
  });
});

describe('a Chrome trace', () => {
  interface Slice {
    readonly ph: string;
    readonly pid: number;
    readonly tid: number;
    readonly ts: number;
    readonly dur: number;
    readonly name: string;
    readonly args: Record<string, unknown>;
  }
  const trace = JSON.parse(files('chrome-trace').get('trace.json') ?? 'null');
  const events = trace.traceEvents as readonly Slice[];
  const slices = events.filter(({ ph }) => ph === 'X');

  test('has a process for each wave and a track for each object', () => {
    const names = events.filter(({ name }) => name === 'process_name').map(({ args }) => args);
    expect(names).toEqual([
      { name: 'clone a/b, wave 1' },
      { name: 'clone a/b, wave 2' },
      { name: 'boots, wave 1' },
    ]);
    const tracks = events.filter(({ name }) => name === 'thread_name').map(({ args }) => args);
    expect(tracks.map(({ name }) => name)).toEqual([
      'a-1',
      'a-2',
      's-1',
      'vm-0',
      'vm-1',
      'vm-2',
      'vm-3',
    ]);
    expect(trace.otherData).toMatchObject({ simulated: true });
  });

  test('nests its slices, in whole microseconds', () => {
    for (const slice of slices) {
      expect(Number.isInteger(slice.ts) && Number.isInteger(slice.dur)).toBe(true);
      const own = slices.filter(({ pid, tid }) => pid === slice.pid && tid === slice.tid);
      const [whole] = own;
      expect(slice.ts).toBeGreaterThanOrEqual(whole?.ts ?? 0);
      expect(slice.ts + slice.dur).toBeLessThanOrEqual((whole?.ts ?? 0) + (whole?.dur ?? 0));
      for (const other of own.slice(1)) {
        if (other === slice || slice === whole) continue;
        const apart = other.ts >= slice.ts + slice.dur || slice.ts >= other.ts + other.dur;
        expect(apart).toBe(true);
      }
    }
  });

  test('draws what was not reached up to where we stopped looking, and says so', () => {
    const late = slices.find(({ args }) => args?.['censored'] === true);
    expect(late).toMatchObject({ ts: 40e6, dur: 60e6, args: { reason: 'Timeout' } });
    const failed = slices.find(({ args }) => args?.['failed'] === true);
    expect(failed?.args['reason']).toBe('CloneFailed');
  });

  test('counts what is in flight', () => {
    const counters = events.filter(({ ph, pid }) => ph === 'C' && pid === 3);
    expect(Math.max(...counters.map(({ args }) => Number(args['objects'])))).toBe(4);
    expect(counters.at(-1)?.args['objects']).toBe(0);
  });
});

describe('VEP 411', () => {
  const result = JSON.parse(files('vep411').get('boot-storm_results.json') ?? 'null');

  test('has three files for each scenario of the draft, and none for other steps', () => {
    expect([...files('vep411').keys()]).toEqual([
      'boot-storm_results.json',
      'boot-storm_results.csv',
      'summary_boot-storm.json',
    ]);
    expect(JSON.parse([...exportText('vep411', source)].join(''))).toEqual([result]);
  });

  test('counts from the request, and leaves the time out of what was not reached', () => {
    expect(result).toMatchObject({
      schema_version: '1.0.0',
      tool: { name: 'bench' },
      scenario: { name: 'boot-storm', version: '1.0.0' },
      timestamp: '2023-11-14T22:13:20Z',
      workload: { vm_template: 'small', vm_image: 'rhel9' },
      bench_origin: { simulated: true },
      aggregate: {
        total_vms: 4,
        successful_vms: 3,
        failed_vms: 1,
        avg_time_to_vmi_running_seconds: 11,
        max_time_to_vmi_running_seconds: 12,
        max_time_to_vmi_ready_seconds: 13,
      },
    });
    expect(result.records[0]).toEqual({
      namespace: 'bench-r1',
      vm_name: 'vm-0',
      status: 'Success',
      time_to_vmi_running_seconds: 10,
      time_to_vmi_ready_seconds: 11,
    });
    const late = result.records.find(({ vm_name }: { vm_name: string }) => vm_name === 'vm-3');
    expect(Object.keys(late)).toEqual(['namespace', 'vm_name', 'status', 'error']);
    expect(late.status).toBe('Failed');
  });

  test('is flat in its CSV, and without records in its summary', () => {
    const lines = files('vep411').get('boot-storm_results.csv')?.trim().split('\n') ?? [];
    expect(lines[0]).toBe(
      'namespace,vm_name,status,time_to_vmi_running_seconds,time_to_vmi_ready_seconds,error',
    );
    expect(lines).toHaveLength(5);
    const summary = JSON.parse(files('vep411').get('summary_boot-storm.json') ?? 'null');
    expect(summary.aggregate).toEqual(result.aggregate);
    expect(summary).not.toHaveProperty('records');
  });
});

describe('OpenSearch bulk', () => {
  const lines = ([...exportText('opensearch', source)].join('') ?? '').split('\n');

  test('is pairs of action and document, ended by a newline', () => {
    expect(lines.pop()).toBe('');
    expect(lines.length % 2).toBe(0);
    const actions = lines.filter((_, i) => i % 2 === 0).map((line) => JSON.parse(line).index);
    expect(new Set(actions.map(({ _id }) => _id)).size).toBe(actions.length);
    expect(new Set(actions.map(({ _index }) => _index))).toEqual(
      new Set(['bench-figures', 'bench-samples']),
    );
  });

  test('holds every object, the missed ones too, and says that it is simulated', () => {
    const objects = lines
      .filter((_, i) => i % 2 === 1)
      .map((line) => JSON.parse(line))
      .filter((document) => document.object !== undefined);
    expect(objects).toHaveLength(7);
    expect(objects.filter(({ outcome }) => outcome !== 'reached')).toHaveLength(2);
    expect(objects.every(({ simulated }) => simulated === true)).toBe(true);
  });
});

describe('JUnit of a run', () => {
  const text = files('junit').get('junit.xml') ?? '';

  test('has an error for a run that is not complete, and failures for what was missed', () => {
    expect(text).toContain(
      '<error type="invalid" message="PARTIAL: 1 of clone a/b (33.3 %) failed, Rejected">',
    );
    expect(text).toContain('2 requested = 1 reached + 1 failed + 0 censored');
    expect(text).toMatch(/tests="5" failures="3" errors="1"/);
  });
});

describe('CSV', () => {
  test('is the samples and the waves', () => {
    expect([...files('csv').keys()]).toEqual(['samples.csv', 'waves.csv']);
    const piped = [...exportText('csv', source)].join('');
    expect(piped).toBe(files('csv').get('samples.csv'));
  });
});

describe('OpenTelemetry traces', () => {
  const lines = (files('otlp').get('traces.otlp.jsonl') ?? '').trim().split('\n');
  const [request] = lines.map((line) => JSON.parse(line));
  const { resource, scopeSpans } = request.resourceSpans[0];
  const spans: readonly Readonly<Record<string, string>>[] = scopeSpans[0].spans;
  const named = (name: string) => spans.find((span) => span['name'] === name);

  test('are one a VM or clone, with its work and stages inside', () => {
    const roots = spans.filter((span) => span['parentSpanId'] === undefined);
    const names = ['a-1', 'a-2', 's-1', 'vm-0', 'vm-1', 'vm-2', 'vm-3'];
    expect(roots.map(({ name }) => name)).toEqual(names);
    const ofVm = spans.filter(({ traceId }) => traceId === named('vm-0')?.['traceId']);
    const [root, boot, ...stages] = ofVm;
    expect(boot).toMatchObject({ name: 'guestReady', parentSpanId: root?.['spanId'] });
    expect(stages.length).toBeGreaterThan(2);
    for (const stage of stages) expect(stage['parentSpanId']).toBe(boot?.['spanId']);
    for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(BigInt(endTimeUnixNano ?? '')).toBeGreaterThanOrEqual(
        BigInt(startTimeUnixNano ?? '1'),
      );
    }
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  });

  test('have an error for each miss, and say that the cluster was simulated', () => {
    expect(named('vm-0')?.['status']).toEqual({ code: 1 });
    expect(named('a-2')?.['status']).toMatchObject({ code: 2, message: 'failed: CloneFailed' });
    expect(named('vm-3')?.['status']).toMatchObject({
      code: 2,
      message: expect.stringMatching(/^censored/),
    });
    expect(resource.attributes).toContainEqual({
      key: 'bench.simulated',
      value: { boolValue: true },
    });
  });
});

describe('Grafana dashboards', () => {
  const boards = [...files('grafana').values()].map((text) => JSON.parse(text));

  test('say where their figures come from, and take data source and run as variables', () => {
    expect(boards.map(({ uid }) => uid)).toEqual(['bench-openmetrics', 'bench-kube-burner']);
    for (const board of boards) {
      expect(board.description).toMatch(/^SIMULATED cluster, no hardware was measured/);
      expect(board.templating.list.map(({ name }: { name: string }) => name)).toEqual([
        'datasource',
        'run',
      ]);
      for (const { targets = [] } of board.panels) {
        for (const target of targets) {
          expect(target.datasource.uid).toBe('${datasource}');
          expect(JSON.stringify(target)).toContain('$run');
        }
      }
    }
  });

  test('have each panel in a place of its own', () => {
    for (const { panels } of boards) {
      const taken = new Set<string>();
      for (const { gridPos } of panels) {
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          expect(x).toBeLessThan(24);
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x}/${y}`)).toBe(false);
            taken.add(`${x}/${y}`);
          }
        }
      }
    }
  });

  test('ask for metrics that the export has', () => {
    const told = files('openmetrics').get('metrics.openmetrics.txt') ?? '';
    const asked = JSON.stringify(boards[0]).match(/\bbench_[a-z_]+/g) ?? [];
    expect(asked.length).toBeGreaterThan(5);
    for (const name of asked) expect(told).toContain(`${name}{`);
  });
});
