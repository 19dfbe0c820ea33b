import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { CONFIG_MAPS } from '../../src/api/resources.ts';
import type { ApiRequest } from '../../src/api/transport.ts';
import { SECOND } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { createClient } from '../../src/kube/client.ts';
import { startInformer } from '../../src/kube/informer.ts';
import { listAll } from '../../src/kube/list-all.ts';
import { type StreamItem, startListWatch } from '../../src/kube/list-watch.ts';
import { createKernel, type Kernel } from '../../src/sim/kernel/kernel.ts';
import {
  configMap,
  goneStatus,
  listOf,
  type ScriptedTransport,
  type ScriptedWatch,
  scriptedTransport,
} from '../support/scripted-transport.ts';

interface Stage {
  readonly kernel: Kernel;
  readonly transport: ScriptedTransport;
  readonly items: StreamItem<KubeObject>[];
}

type Answer = (request: ApiRequest) => { readonly status: number; readonly body: unknown };

/** Starts a list-watch against `answer`, plays `script` one second later, and stops. */
async function play(
  answer: Answer,
  script: (stage: Stage) => Promise<void>,
  silenceUs?: number,
): Promise<Stage> {
  const kernel = createKernel();
  const transport = scriptedTransport(kernel, answer);
  const items: StreamItem<KubeObject>[] = [];
  const stage = { kernel, transport, items };
  await kernel.run(async () => {
    const listWatch = startListWatch({
      client: createClient(transport),
      clock: kernel,
      rng: createRng(1),
      resource: CONFIG_MAPS,
      onItem: (item) => items.push(item),
      ...(silenceUs === undefined ? {} : { silenceUs }),
    });
    await kernel.sleep(SECOND);
    await script(stage);
    listWatch.stop();
  });
  return stage;
}

const oneObject: Answer = () => ({ status: 200, body: listOf([configMap('a', 3)], 5) });

describe('list-watch', () => {
  test('lists all pages, then watches from the version of the list', async () => {
    const { transport, items } = await play(
      ({ query }) => ({
        status: 200,
        body: query?.['continue']
          ? listOf([configMap('b', 4)], 5)
          : listOf([configMap('a', 3)], 5, 'more'),
      }),
      async () => {},
    );
    expect(items.map(({ kind }) => kind)).toEqual(['listed', 'listed', 'synced']);
    expect(transport.watches.map(({ query }) => query['resourceVersion'])).toEqual(['5']);
    expect(transport.watches[0]?.query['allowWatchBookmarks']).toBe('true');
  });

  test('pages that expire before they are read, again and again, are asked for at once', async () => {
    const answer: Answer = ({ query = {} }) => {
      if (query['continue']) return { status: 410, body: goneStatus() };
      const more = query['limit'] === undefined ? undefined : 'more';
      return { status: 200, body: listOf([configMap('a', 3)], 5, more) };
    };
    let listed = 0;
    const { transport, items } = await play(answer, async (stage) => {
      listed = (await listAll(createClient(stage.transport), CONFIG_MAPS)).length;
    });
    expect(listed).toBe(1);
    expect(items.map(({ kind }) => kind)).toEqual(['listed', 'listed', 'synced']);
    expect(transport.watches).toHaveLength(1);
  });

  test('a closed stream is resumed at once from the last version, and the gap is told', async () => {
    const { transport, items } = await play(oneObject, async ({ kernel, transport: script }) => {
      script.watches[0]?.sink.opened(kernel.nowUs());
      const seenUs = kernel.nowUs() + SECOND;
      await kernel.sleep(SECOND);
      script.watches[0]?.sink.event({ type: 'MODIFIED', object: configMap('a', 8) }, seenUs);
      await kernel.sleep(2 * SECOND);
      script.watches[0]?.sink.ended({ kind: 'closed' }, kernel.nowUs());
      await kernel.sleep(0);
      script.watches[1]?.sink.opened(kernel.nowUs());
    });
    expect(transport.watches.map(({ query }) => query['resourceVersion'])).toEqual(['5', '8']);
    expect(items.at(-2)).toEqual({ kind: 'lost', sinceUs: 2 * SECOND, cause: 'closed' });
    expect(items.at(-1)).toMatchObject({
      kind: 'gap',
      fromUs: 2 * SECOND,
      toUs: 4 * SECOND,
      cause: 'closed',
      relist: false,
    });
  });

  test('a bookmark of a version that is known proves nothing, and one that is new does', async () => {
    const { items } = await play(oneObject, async ({ kernel, transport: script }) => {
      script.watches[0]?.sink.opened(kernel.nowUs());
      const bookmark = (version: number) =>
        script.watches[0]?.sink.event(
          { type: 'BOOKMARK', object: configMap('', version) },
          kernel.nowUs(),
        );
      await kernel.sleep(SECOND);
      bookmark(8);
      await kernel.sleep(SECOND);
      // What the stream still has to bring may be older than this.
      bookmark(8);
      await kernel.sleep(SECOND);
      script.watches[0]?.sink.ended({ kind: 'closed' }, kernel.nowUs());
      await kernel.sleep(0);
    });
    expect(items.filter(({ kind }) => kind === 'alive')).toEqual([
      { kind: 'alive', seenUs: 2 * SECOND },
    ]);
    expect(items.at(-1)).toEqual({ kind: 'lost', sinceUs: 2 * SECOND, cause: 'closed' });
  });

  test('a gap begins with what was proved, not with the last byte', async () => {
    const { items } = await play(oneObject, async ({ kernel, transport: script }) => {
      script.watches[0]?.sink.opened(kernel.nowUs());
      await kernel.sleep(3 * SECOND);
      const bookmark = { type: 'BOOKMARK', object: configMap('', 5) } as const;
      script.watches[0]?.sink.event(bookmark, kernel.nowUs());
      script.watches[0]?.sink.ended({ kind: 'broken', message: 'reset' }, kernel.nowUs());
      await kernel.sleep(0);
      script.watches[1]?.sink.opened(kernel.nowUs());
    });
    expect(items.filter(({ kind }) => kind === 'gap')).toMatchObject([{ fromUs: SECOND }]);
  });

  test('attempts that fail before one succeeds are one gap, from the first loss on', async () => {
    const { items } = await play(oneObject, async ({ kernel, transport: script }) => {
      script.watches[0]?.sink.opened(kernel.nowUs());
      await kernel.sleep(3 * SECOND);
      script.watches[0]?.sink.ended({ kind: 'broken', message: 'reset' }, kernel.nowUs());
      for (const attempt of [1, 2]) {
        await kernel.sleep(10 * SECOND);
        script.watches[attempt]?.sink.ended({ kind: 'broken', message: 'x' }, kernel.nowUs());
      }
      await kernel.sleep(10 * SECOND);
      script.watches[3]?.sink.opened(kernel.nowUs());
    });
    expect(items.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
    expect(items.filter(({ kind }) => kind === 'gap')).toMatchObject([
      { fromUs: SECOND, toUs: 34 * SECOND, cause: 'broken' },
    ]);
  });

  test('a bookmark moves the version on', async () => {
    const { transport } = await play(oneObject, async ({ kernel, transport: script }) => {
      script.watches[0]?.sink.opened(kernel.nowUs());
      script.watches[0]?.sink.event({ type: 'BOOKMARK', object: configMap('', 42) }, 0);
      script.watches[0]?.sink.ended({ kind: 'broken', message: 'reset' }, kernel.nowUs());
      await kernel.sleep(SECOND);
    });
    expect(transport.watches[1]?.query['resourceVersion']).toBe('42');
  });

  test.each([
    ['as an event', 'event'],
    ['as a refusal', 'refusal'],
  ])('410 %s leads to a new list, marked as such', async (_, how) => {
    const { transport, items } = await play(oneObject, async ({ kernel, transport: script }) => {
      const sink = script.watches[0]?.sink;
      if (how === 'event') {
        sink?.opened(kernel.nowUs());
        sink?.event({ type: 'ERROR', object: goneStatus() as unknown as KubeObject }, 0);
      } else sink?.ended({ kind: 'refused', code: 410, status: goneStatus() }, kernel.nowUs());
      await kernel.sleep(SECOND);
      script.watches[1]?.sink.opened(kernel.nowUs());
    });
    expect(transport.requests).toHaveLength(2);
    expect(items.filter(({ kind }) => kind === 'synced')).toMatchObject([
      { relist: false },
      { relist: true },
    ]);
    expect(items.at(-1)).toMatchObject({ kind: 'gap', cause: 'gone' });
    const kinds = items.map(({ kind }) => kind);
    expect(kinds.indexOf('lost')).toBeLessThan(kinds.lastIndexOf('listed'));
  });

  test('a failing list is tried again with growing delays', async () => {
    let calls = 0;
    const { items } = await play(
      () => {
        calls += 1;
        return calls < 4 ? { status: 503, body: {} } : { status: 200, body: listOf([], 1) };
      },
      ({ kernel }) => kernel.sleep(5 * SECOND),
    );
    expect(calls).toBe(4);
    expect(items.at(-1)).toMatchObject({ kind: 'synced' });
  });

  test('a silent stream is given up and resumed', async () => {
    const { transport } = await play(
      oneObject,
      async ({ kernel, transport: script }) => {
        script.watches[0]?.sink.opened(kernel.nowUs());
        await kernel.sleep(40 * SECOND);
      },
      30 * SECOND,
    );
    expect(transport.watches[0]?.stopped).toBe(true);
    expect(transport.watches).toHaveLength(2);
  });

  test('a stopped list-watch stops its stream', async () => {
    const { transport } = await play(oneObject, async () => {});
    expect(transport.watches[0]?.stopped).toBe(true);
  });
});

describe('a hostile server is not asked more often than a broken one', () => {
  const WHILE_US = 60 * SECOND;

  /** Requests and watches within a minute, each watch treated by `treat` as soon as it is open. */
  async function crowd(answer: Answer, treat: (stage: Stage, watch: ScriptedWatch) => void) {
    const stage = await play(answer, async (now) => {
      const open = now.transport.watch;
      now.transport.watch = (request, sink) => {
        const stop = open(request, sink);
        const watch = now.transport.watches.at(-1);
        now.kernel.schedule(1000, () => watch?.stopped || (watch && treat(now, watch)));
        return stop;
      };
      const first = now.transport.watches[0];
      if (first) treat(now, first);
      await now.kernel.sleep(WHILE_US);
    });
    const { transport, items } = stage;
    const gaps = items.filter(({ kind }) => kind === 'gap').length;
    return { asked: transport.requests.length + transport.watches.length, gaps };
  }

  const closes = ({ kernel }: Stage, { sink }: ScriptedWatch) => {
    sink.opened(kernel.nowUs());
    sink.ended({ kind: 'closed' }, kernel.nowUs());
  };
  const ERROR = { type: 'ERROR', object: goneStatus() as unknown as KubeObject } as const;

  test.each<[string, (stage: Stage, watch: ScriptedWatch) => void]>([
    ['closes each watch at once', closes],
    ['answers each watch with 410', ({ kernel }, { sink }) => sink.event(ERROR, kernel.nowUs())],
    [
      'refuses each watch with 410',
      ({ kernel }, { sink }) =>
        sink.ended({ kind: 'refused', code: 410, status: goneStatus() }, kernel.nowUs()),
    ],
    [
      'sends an error as an event',
      ({ kernel }, { sink }) =>
        sink.event({ type: 'ERROR', object: {} as KubeObject }, kernel.nowUs()),
    ],
    [
      'sends events without metadata',
      ({ kernel }, { sink }) =>
        sink.event({ type: 'ADDED', object: { kind: 'X' } as KubeObject }, kernel.nowUs()),
    ],
    [
      'sends events without an object',
      ({ kernel }, { sink }) =>
        sink.event({ type: 'ADDED' } as unknown as typeof ERROR, kernel.nowUs()),
    ],
  ])('that %s', async (_, treat) => {
    const { asked, gaps } = await crowd(oneObject, treat);
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(40);
    expect(gaps).toBeLessThan(20);
  });

  test.each<[string, unknown, number]>([
    ['410', goneStatus(), 410],
    ['null', null, 200],
    ['no items', {}, 200],
    ['a web page', '<html>', 200],
    ['items without names', { items: [{}], metadata: {} }, 200],
    ['pages without end', listOf([], 1, 'more'), 200],
  ])('that lists %s', async (_, body, status) => {
    const { asked } = await crowd(
      () => ({ status, body }),
      () => {},
    );
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(40);
  });

  test('and a list of null items is one of nothing', async () => {
    const body = { kind: 'ConfigMapList', metadata: { resourceVersion: '7' }, items: null };
    const { items } = await play(
      () => ({ status: 200, body }),
      async () => {},
    );
    expect(items.map(({ kind }) => kind)).toEqual(['synced']);
  });
});

describe('a listener that throws ends the list-watch, and is told so', () => {
  test.each(['listed', 'synced', 'changed', 'lost'])('at what is %s', async (planted) => {
    const kernel = createKernel();
    const transport = scriptedTransport(kernel, oneObject);
    const crashes: unknown[] = [];
    await kernel.run(async () => {
      startListWatch({
        client: createClient(transport),
        clock: kernel,
        rng: createRng(1),
        resource: CONFIG_MAPS,
        onItem: ({ kind }) => {
          if (kind === planted) throw new Error('planted');
        },
        onCrash: (error) => crashes.push(error),
      });
      await kernel.sleep(SECOND);
      const sink = transport.watches[0]?.sink;
      sink?.opened(kernel.nowUs());
      sink?.event({ type: 'ADDED', object: configMap('b', 6) }, kernel.nowUs());
      sink?.ended({ kind: 'closed' }, kernel.nowUs());
      await kernel.sleep(3600 * SECOND);
    });
    expect(crashes).toEqual([new Error('planted')]);
    expect(transport.requests).toHaveLength(1);
    expect(transport.watches.length).toBeLessThan(2);
  });
});

describe('informer', () => {
  test('follows changes and finds what was deleted during a gap', async () => {
    const kernel = createKernel();
    let listed = [configMap('a', 1), configMap('b', 2)];
    const transport = scriptedTransport(kernel, () => ({ status: 200, body: listOf(listed, 5) }));
    const changes: string[] = [];
    const names = await kernel.run(async () => {
      const informer = startInformer({
        client: createClient(transport),
        clock: kernel,
        rng: createRng(1),
        resource: CONFIG_MAPS,
        indexes: { initial: ({ metadata }) => [metadata.name[0] ?? ''] },
      });
      informer.onChange((now, before) => {
        changes.push(`${before?.metadata.name ?? '-'}>${now?.metadata.name ?? '-'}`);
      });
      await informer.synced;
      await kernel.sleep(0);
      const sink = transport.watches[0]?.sink;
      sink?.opened(kernel.nowUs());
      sink?.event({ type: 'ADDED', object: configMap('c', 6) }, kernel.nowUs());
      sink?.event({ type: 'DELETED', object: configMap('a', 7) }, kernel.nowUs());
      expect(informer.indexed('initial', 'a').size).toBe(0);
      expect(informer.indexed('initial', 'c').size).toBe(1);
      listed = [configMap('c', 6)];
      sink?.ended({ kind: 'refused', code: 410, status: goneStatus() }, kernel.nowUs());
      await kernel.sleep(SECOND);
      informer.stop();
      return [...informer.values()].map(({ metadata }) => metadata.name);
    });
    expect(names).toEqual(['c']);
    expect(changes).toEqual(['->a', '->b', '->c', 'a>-', 'c>c', 'b>-']);
  });
});
