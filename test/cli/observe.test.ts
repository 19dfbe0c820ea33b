/** `bench observe` beside a load that is none of its own: what it measures, and what it leaves alone. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../../src/analyse/summary.ts';
import { openTarget } from '../../src/cli/target.ts';
import type { Entry } from '../../src/record/entry.ts';
import { readEntries } from '../../src/record/reader.ts';
import {
  type ServedCluster,
  type ServedOptions,
  simulatedCluster,
  withCluster,
} from '../support/https-cluster.ts';
import { openInThread } from '../support/open-in-thread.ts';
import { ROOT } from '../support/sources.ts';
import { cli, type CliOptions } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const SELECTOR = 'bench.kubevirt.io/run=load';

interface Site extends ServedCluster {
  bench(argv: readonly string[], options?: CliOptions): ReturnType<typeof cli>;
  /** Looks on until `load` is done, and then for as long as it takes to be interrupted. */
  observeDuring(
    argv: readonly string[],
    load: () => Promise<unknown>,
    signal?: string,
  ): ReturnType<typeof cli>;
  file(path: string): string;
  summary(path: string): Summary;
  entries(path: string): readonly Entry[];
}

function onSite(use: (site: Site) => Promise<void>, options: ServedOptions = {}) {
  return () =>
    withCluster(simulatedCluster, (served) => use(siteOf(served)), { speed: 60, ...options });
}

function siteOf(served: ServedCluster): Site {
  const results = join(served.folder, 'results');
  const file = (path: string) => join(results, path);
  const bench: Site['bench'] = (argv, options) => {
    const own = ['--kubeconfig', served.kubeconfig, '--results', results];
    return cli([...argv, ...own], { openTarget: openInThread, ...options });
  };
  return {
    ...served,
    bench,
    async observeDuring(argv, load, signal = 'SIGINT') {
      const interrupt = new AbortController();
      let begin = () => {};
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const looking = bench(['observe', ...argv, '--progress', 'json', '--no-report'], {
        interrupt: interrupt.signal,
        onErr: (text) => void (text.includes('"observed"') && begin()),
      });
      await Promise.race([begun, looking]);
      await load();
      interrupt.abort(signal);
      return looking;
    },
    file,
    summary: (path) => JSON.parse(readFileSync(file(`${path}/summary.json`), 'utf8')),
    entries: (path) => [...readEntries(file(`${path}/history.ndjson`), () => {})],
  };
}

interface Row {
  readonly uid: string;
  readonly metric: string;
  readonly outcome: string;
  readonly latency: number;
  /** Lower end; empty where the latency is exact. */
  readonly from: string;
  readonly intended: string;
}

/** By metric and object. */
function samples(site: Site, path: string): ReadonlyMap<string, Row> {
  const [head = '', ...lines] = readFileSync(site.file(`${path}/samples.csv`), 'utf8')
    .trim()
    .split('\n');
  const columns = head.split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    return {
      uid: cell('uid'),
      metric: cell('metric'),
      outcome: cell('outcome'),
      latency: Number(cell('latency_s')),
      from: cell('latency_from_s'),
      intended: cell('intended_s'),
    };
  });
  return new Map(rows.map((row) => [`${row.metric}/${row.uid}`, row]));
}

/** Stamps tell no more than this, and at such a speed neither does a busy machine. */
const DOUBT_SECONDS = 3;

/** Between two latencies, each known to an interval at worst. */
function distance(a: Row, b: Row | undefined): number {
  if (b === undefined) return Number.POSITIVE_INFINITY;
  const low = ({ from, latency }: Row) => (from === '' ? latency : Number(from));
  return Math.max(0, low(a) - b.latency, low(b) - a.latency);
}

describe('bench observe beside a bench run', () => {
  test(
    'measures each object as the run does, creates nothing, and its run is a run like others',
    onSite(async (site) => {
      let load: Awaited<ReturnType<typeof site.bench>> | undefined;
      const seen = await site.observeDuring(
        ['--selector', SELECTOR, '--run-id', 'o1'],
        async () => {
          load = await site.bench(['run', TINY, '--run-id', 'load']);
        },
      );
      expect(load?.err).toContain('nothing is left');
      expect(seen.code).toBe(130);
      expect(seen.out).toContain('observe, run o1: ');
      expect(seen.out).toContain('SIMULATED');
      const [driven, observed] = [samples(site, 'tiny/load'), samples(site, 'observe/o1')];
      expect([...observed.keys()].sort()).toEqual([...driven.keys()].sort());
      for (const [key, row] of observed) {
        expect(row.outcome).toBe('reached');
        expect(row.intended).toBe('');
        expect(distance(row, driven.get(key)), key).toBeLessThan(DOUBT_SECONDS);
      }
      const metrics = new Set(site.summary('observe/o1').metrics.map(({ metric }) => metric));
      for (const absent of ['cloneResponse', 'runningResponse', 'guestReadyResponse', 'sendLag']) {
        expect(metrics).not.toContain(absent);
      }
      expect(site.summary('observe/o1').validity).not.toHaveProperty('sendLag');
      expect(site.summary('observe/o1').validity).not.toHaveProperty('maxSendLag');
    }),
  );

  test(
    'by itself sends nothing that changes anything',
    onSite(async (site) => {
      const nothing = await site.bench(['observe', '--selector', 'app=none', '--duration', '5s']);
      expect(nothing.code).toBe(3);
      expect(nothing.err).toContain("nothing that 'app=none' selects was created");
      const writes = site.requests.filter((request) => !request.startsWith('GET '));
      // Questions about rights, and creations that are only tried (dryRun=All) to read the clock.
      const kinds = new Set(writes.map((request) => request.split('/').at(-1)));
      expect(kinds).toEqual(new Set(['configmaps', 'selfsubjectaccessreviews']));
      const stored = site.server.handle({ method: 'GET', path: '/api/v1/configmaps' });
      expect((stored as { body: { items: unknown[] } }).body.items).toEqual([]);
      const [runId = ''] = readdirSync(site.file('observe'));
      expect(site.summary(`observe/${runId}`).metrics).toEqual([]);
    }),
  );
});

describe('a run that observed a load of others', () => {
  test(
    'hides names on request, cannot be resumed, and has nothing to clean up',
    onSite(async (site) => {
      const load = () => site.bench(['run', TINY, '--run-id', 'load', '--keep']);
      const argv = ['--selector', SELECTOR, '--run-id', 'o1', '--hash-names'];
      await site.observeDuring(argv, load);
      for (const name of ['history.ndjson', 'manifest.json']) {
        const text = readFileSync(site.file(`observe/o1/${name}`), 'utf8');
        for (const host of ['worker-', '127.0.0.1', '"sim"']) expect(text).not.toContain(host);
      }
      const resumed = await site.bench(['resume', 'o1']);
      expect(resumed.code).toBe(64);
      expect(resumed.err).toContain('observed a load of others');
      // Its history is full of objects of the load, and none of them is its own.
      const cleaned = await site.bench(['cleanup', 'o1', '--yes']);
      expect(cleaned.err).toContain('nothing is left');
      const vms = site.server.handle({
        method: 'GET',
        path: '/apis/kubevirt.io/v1/virtualmachines',
      });
      expect((vms as { body: { items: unknown[] } }).body.items).toHaveLength(4);
    }),
  );

  test(
    'has gaps where its watch was cut, and intervals for what happened in them',
    onSite(
      async (site) => {
        const load = () => site.bench(['run', TINY, '--run-id', 'load']);
        await site.observeDuring(['--selector', SELECTOR, '--run-id', 'g1'], load);
        expect(site.entries('observe/g1').some(({ e }) => e === 'gap')).toBe(true);
        const rows = [...samples(site, 'observe/g1').values()];
        expect(rows.filter(({ outcome }) => outcome !== 'reached')).toEqual([]);
        expect(rows.some(({ from }) => from !== '')).toBe(true);
        expect(site.summary('observe/g1').validity.watchGaps.count).toBeGreaterThan(0);
      },
      { faults: { cutEveryUs: 20e6, cutCompacts: true } },
    ),
  );
});

describe('an end before its time', () => {
  test(
    'SIGTERM is 143; cut short of its duration, a run is partial',
    onSite(async (site) => {
      const argv = ['--selector', 'app=none', '--run-id', 't1', '--duration', '1h'];
      const cut = await site.observeDuring(argv, async () => {}, 'SIGTERM');
      expect(cut.code).toBe(143);
      expect(site.summary('observe/t1').run).toMatchObject({
        outcome: 'partial',
        reason: 'interrupted',
      });
    }),
  );

  test(
    'a server that is lost on the way is exit 1, and the tables still come',
    onSite(async (site) => {
      const argv = ['observe', '--selector', 'app=none', '--run-id', 'l1', '--lost-after', '1s'];
      const onErr = (text: string) => void (text.includes('"observed"') && site.goDark());
      const lost = await site.bench([...argv, '--progress', 'json'], { onErr });
      expect(lost.code).toBe(1);
      expect(lost.err).toContain('the API server has not answered for');
      expect(existsSync(site.file('observe/l1/summary.json'))).toBe(true);
    }),
  );
});

type Extension = NonNullable<ServedOptions['extension']>;
type Answer = ReturnType<Extension>;

function answer(status: number, body: unknown): Answer {
  return { status, body, contentType: 'application/json', headers: {}, warnings: [] };
}

interface Refused {
  readonly name: string;
  readonly message: string;
  readonly argv?: readonly string[];
  readonly extension?: Extension;
}

const REFUSED: readonly Refused[] = [
  {
    name: 'the selector is none',
    message: "--selector 'app in (' is no label selector",
    argv: ['--selector', 'app in ('],
  },
  {
    name: 'a verb is forbidden',
    message: 'not allowed: watch virtualmachineinstances.kubevirt.io',
    extension({ path, body }) {
      if (!path.endsWith('/selfsubjectaccessreviews')) return undefined;
      const { spec } = body as {
        spec: { resourceAttributes: { resource: string; verb: string; namespace?: string } };
      };
      const { resource, verb, namespace } = spec.resourceAttributes;
      const allowed = resource !== 'virtualmachineinstances' || verb !== 'watch' || namespace;
      return answer(201, { status: { allowed: Boolean(allowed) } });
    },
  },
  {
    name: 'nothing that is measured is served',
    message: 'neither DataVolumes nor VMIs nor snapshots are served there',
    extension: ({ path }) =>
      /kubevirt\.io\/|snapshot\.storage/.test(path) ? answer(404, { code: 404 }) : undefined,
  },
];

describe('a cluster that cannot be looked at', () => {
  test.each(REFUSED)('$name', ({ message, argv = ['--selector', 'app=mine'], extension }) =>
    onSite(
      async (site) => {
        const refused = await site.bench(['observe', ...argv, '--duration', '1s']);
        expect(refused.err).toContain(message);
        expect(refused.code).toBe(64);
        expect(existsSync(site.file('observe'))).toBe(false);
      },
      { extension },
    )(),
  );

  test.each([
    [
      'no cluster is named',
      ['--selector', 'a=b'],
      '--context NAME, --kubeconfig FILE or --in-cluster',
    ],
    ['no load is named', ['--kubeconfig', 'x'], '--selector'],
    ['the gap is no duration', ['--selector', 'a=b', '--wave-gap', 'soon'], '--wave-gap has to be'],
    [
      'the run id is no label',
      ['--selector', 'a=b', '--run-id', 'a b', '--kubeconfig', 'x'],
      'run id',
    ],
  ])('%s', async (_, argv, message) => {
    const refused = await cli(['observe', ...argv], { openTarget });
    expect(refused.code).toBe(64);
    expect(refused.err).toContain(message);
  });

  test(
    'without the definition of snapshots, all else is measured',
    onSite(
      async (site) => {
        const argv = ['observe', '--selector', 'app=none', '--duration', '5s'];
        const looked = await site.bench(argv);
        expect(looked.err).toContain('volumesnapshots are not served there');
        expect(looked.code).toBe(3);
      },
      {
        extension: ({ path }) =>
          path.includes('/volumesnapshots') ? answer(404, { code: 404 }) : undefined,
      },
    ),
  );
});
