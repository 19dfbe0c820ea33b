/** Whoever waits for a server that says nothing is told so, and not all the time. */

import { expect, test } from 'vitest';
import type { ApiRequest, Transport } from '../../src/api/transport.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import { attentiveTransport } from '../../src/kube/attentive-transport.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { scriptedTransport } from '../support/scripted-transport.ts';

const GET: ApiRequest = { method: 'GET', path: '/version' };
const SINK = { opened: () => {}, event: () => {}, ended: () => {} };

function listened() {
  const kernel = createKernel();
  const lines: string[] = [];
  const over = (transport: Transport) =>
    attentiveTransport(transport, kernel, (line) => lines.push(line));
  const scripted = scriptedTransport(kernel, () => ({ status: 200, body: {} }));
  return { kernel, lines, over, scripted };
}

test('a request without an answer is told of once in a while, and a quick one never', async () => {
  const { kernel, lines, over, scripted } = listened();
  const silent = over({ ...scripted, request: () => kernel.sleep(MINUTE).then(() => never()) });
  await kernel.run(async () => {
    await over(scripted).request(GET);
    await kernel.sleep(MINUTE);
    expect(lines).toEqual([]);
    for (let i = 0; i < 7; i++) await silent.request(GET).catch(() => {});
  });
  const line = 'the API server has not answered for 10s: GET /version';
  expect(lines).toEqual([line, line]);
});

test('a watch that is never opened is told of, and one that is only quiet is not', async () => {
  const { kernel, lines, over, scripted } = listened();
  const transport = over(scripted);
  await kernel.run(async () => {
    transport.watch({ path: '/quiet', query: {} }, SINK);
    scripted.watches[0]?.sink.opened(0);
    transport.watch({ path: '/stopped', query: {} }, SINK)();
    transport.watch({ path: '/refused', query: {} }, SINK);
    scripted.watches[2]?.sink.ended({ kind: 'refused', code: 500, status: undefined }, 0);
    await kernel.sleep(MINUTE);
    expect(lines).toEqual([]);
    transport.watch({ path: '/silent', query: {} }, SINK);
    await kernel.sleep(30 * SECOND);
  });
  expect(lines).toEqual(['the API server has not answered for 10s: WATCH /silent']);
});

function never(): never {
  throw new Error('no answer');
}
