/** What is asked again, how often, and what is told at once. */

import { describe, expect, test } from 'vitest';
import {
  type ApiRequest,
  type ApiResponse,
  type Transport,
  TransportError,
} from '../../src/api/transport.ts';
import { SECOND, toSeconds } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { retryingTransport } from '../../src/kube/retrying-transport.ts';
import { createKernel, type Kernel } from '../../src/sim/kernel/kernel.ts';
import { scriptedTransport } from '../support/scripted-transport.ts';

const GET: ApiRequest = { method: 'GET', path: '/api/v1/nodes' };

type Step = number | TransportError | Partial<ApiResponse>;

/** Plays the steps one a request, the last for ever; how often it was asked, and what came. */
async function ask(...steps: readonly Step[]) {
  const kernel = createKernel();
  let asked = 0;
  const scripted = scriptedTransport(kernel, () => {
    const step = steps[Math.min(asked++, steps.length - 1)] ?? 200;
    if (step instanceof TransportError) throw step;
    return typeof step === 'number' ? { status: step, body: {} } : { status: 0, body: {}, ...step };
  });
  const patient = retryingTransport(scripted, kernel, createRng(1));
  const outcome = await kernel.run(() => patient.request(GET).catch((error: unknown) => error));
  return { asked, outcome, seconds: toSeconds(kernel.nowUs()) };
}

/** Answers each request after so long, but for what is given up before. */
function slowTransport(kernel: Kernel, delayUs: number): Transport {
  return {
    ...scriptedTransport(kernel, () => ({ status: 200, body: {} })),
    async request({ timeoutUs = delayUs }): Promise<ApiResponse> {
      await kernel.sleep(Math.min(delayUs, timeoutUs));
      if (delayUs > timeoutUs) throw reset('ETIMEDOUT');
      return { status: 200, body: {}, receivedUs: kernel.nowUs() };
    },
  };
}

function reset(code = 'ECONNRESET'): TransportError {
  return new TransportError('the connection broke', true, code);
}

describe('a question is asked again', () => {
  test.each<[string, Step]>([
    ['429', 429],
    ['500', 500],
    ['503', 503],
    ['a reset', reset()],
    ['a broken pipe', reset('EPIPE')],
  ])('after %s, until it is answered', async (_, trouble) => {
    const { asked, outcome } = await ask(trouble, trouble, 200);
    expect(asked).toBe(3);
    expect(outcome).toMatchObject({ status: 200 });
  });

  test('eight times at the most, and then gets the last refusal', async () => {
    const refused = await ask(503);
    expect(refused).toMatchObject({ asked: 8, outcome: { status: 503 } });
    const broken = await ask(reset());
    expect(broken.asked).toBe(8);
    expect(broken.outcome).toBeInstanceOf(TransportError);
  });

  test('in a hurry for seconds only, and silence is not asked twice', async () => {
    const kernel = createKernel();
    const limits: (number | undefined)[] = [];
    const refusing = scriptedTransport(kernel, ({ timeoutUs }) => {
      limits.push(timeoutUs);
      return { status: 503, body: {}, headers: { 'retry-after': '999999999' } };
    });
    const hurried = retryingTransport(refusing, kernel, createRng(1), undefined, true);
    const { status } = await kernel.run(() => hurried.request(GET));
    expect(status).toBe(503);
    expect(toSeconds(kernel.nowUs())).toBeLessThan(10);
    expect(limits.length).toBeGreaterThan(1);
    expect(limits[0]).toBeLessThanOrEqual(6 * SECOND);
    let asked = 0;
    const silent = scriptedTransport(kernel, () => {
      asked += 1;
      throw reset('ETIMEDOUT');
    });
    const given = retryingTransport(silent, kernel, createRng(1), undefined, true);
    await kernel.run(() => given.request(GET).catch(() => undefined));
    expect(asked).toBe(1);
  });

  test('in a hurry, one that answers slowly is given up however many questions there are', async () => {
    const kernel = createKernel();
    const hurried = (delayUs: number) =>
      retryingTransport(slowTransport(kernel, delayUs), kernel, createRng(1), undefined, true);
    const askOften = async (transport: Transport) => {
      for (let i = 0; i < 20; i++) await transport.request(GET);
    };
    const slow = kernel.run(() => askOften(hurried(2.5 * SECOND)));
    await expect(slow).rejects.toBeInstanceOf(TransportError);
    expect(toSeconds(kernel.nowUs())).toBeLessThanOrEqual(6.1);
    await kernel.run(() => askOften(hurried(SECOND)));
  });

  test('after longer and longer pauses', async () => {
    const short = await ask(503, 200);
    const long = await ask(503, 503, 503, 503, 503, 200);
    // 0.2 s, 0.4, 0.8, 1.6, 3.2: each spread over its upper half.
    expect(short.seconds).toBeGreaterThanOrEqual(0.1);
    expect(short.seconds).toBeLessThanOrEqual(0.23);
    expect(long.seconds).toBeGreaterThanOrEqual(3.1);
    expect(long.seconds).toBeLessThanOrEqual(6.3);
  });

  test('when the server says, within reason', async () => {
    const headers = { 'retry-after': '7' };
    expect((await ask({ status: 429, headers }, 200)).seconds).toBeCloseTo(7.02);
    const never = { 'retry-after': '86400' };
    expect((await ask({ status: 429, headers: never }, 200)).seconds).toBeCloseTo(30.02);
  });
});

test('who accepts and says nothing is asked twice, for less than half a minute in all', async () => {
  const once = await ask(reset('ETIMEDOUT'), 200);
  expect(once.outcome).toMatchObject({ status: 200 });
  const never = await ask(reset('ETIMEDOUT'));
  expect(never.asked).toBe(2);
  expect(never.outcome).toBeInstanceOf(TransportError);
  const kernel = createKernel();
  const scripted = scriptedTransport(kernel, () => ({ status: 200, body: {} }));
  await kernel.run(() => retryingTransport(scripted, kernel, createRng(1)).request(GET));
  expect(2 * (scripted.requests[0]?.timeoutUs ?? Number.NaN)).toBeLessThan(29 * SECOND);
});

test.each(['0', '-5', '-1e9', 'NaN'])(
  'Retry-After: %s is no leave to ask at once',
  async (wish) => {
    const { asked, seconds } = await ask({ status: 429, headers: { 'retry-after': wish } });
    expect(asked).toBe(8);
    expect(seconds).toBeGreaterThan(7);
  },
);

test('an interruption ends it, while it waits and while it pauses', async () => {
  const kernel = createKernel();
  const enough = new AbortController();
  const scripted = scriptedTransport(kernel, () => ({ status: 503, body: {} }));
  const transport = retryingTransport(scripted, kernel, createRng(1), enough.signal);
  kernel.schedule(SECOND, () => enough.abort());
  await kernel.run(() => transport.request(GET));
  expect(kernel.nowUs()).toBe(SECOND);
  expect(scripted.requests[0]?.signal).toBe(enough.signal);
});

describe('told at once', () => {
  test.each([200, 201, 403, 404, 409, 410])('%i', async (status) => {
    const { asked, outcome } = await ask(status);
    expect(asked).toBe(1);
    expect(outcome).toMatchObject({ status });
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])('%s', async (code) => {
    const { asked, outcome } = await ask(reset(code));
    expect(asked).toBe(1);
    expect(outcome).toBeInstanceOf(TransportError);
  });

  test('what is no trouble of the connection', async () => {
    const kernel = createKernel();
    const broken = scriptedTransport(kernel, () => {
      throw new TypeError('planted');
    });
    const patient = retryingTransport(broken, kernel, createRng(1));
    await expect(kernel.run(() => patient.request(GET))).rejects.toThrow('planted');
    expect(broken.requests).toHaveLength(1);
  });
});

test('watches are passed on as they are', () => {
  const kernel = createKernel();
  const scripted = scriptedTransport(kernel, () => ({ status: 200, body: {} }));
  const sink = { opened: () => {}, event: () => {}, ended: () => {} };
  const stop = retryingTransport(scripted, kernel, createRng(1)).watch(
    { path: '/api/v1/pods', query: { watch: '1' } },
    sink,
  );
  expect(scripted.watches).toMatchObject([{ query: { watch: '1' }, sink, stopped: false }]);
  stop();
  expect(scripted.watches[0]?.stopped).toBe(true);
  expect(kernel.nowUs()).toBeLessThan(SECOND);
});
