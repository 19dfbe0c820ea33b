/** What a run says that hears nothing any more. */

import { expect, test } from 'vitest';
import { TransportError } from '../../src/api/transport.ts';
import { MINUTE } from '../../src/core/duration.ts';
import { createPulse, watchForLoss } from '../../src/drive/server-loss.ts';
import { ConnectionError } from '../../src/kube/connection.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { scriptedTransport } from '../support/scripted-transport.ts';

const NO_PROGRAM = new ConnectionError('no credentials for the cluster: the program x', 'log in');

test.each([
  ['a server that is gone', new TransportError('a', false, 'X_Y'), /not answered for 2m \(X_Y\)$/],
  ['credentials that are gone', NO_PROGRAM, /^nothing could be asked .* 2m: no credentials .* x$/],
])('of %s the loss is told as what it is', async (_, error, expected) => {
  const kernel = createKernel();
  const transport = scriptedTransport(kernel, () => {
    throw error;
  });
  const stopping = new AbortController();
  let told = '';
  await kernel.run(async () => {
    const abort = ({ message }: { readonly message: string }) => {
      told = message;
      stopping.abort();
    };
    const stop = { signal: stopping.signal, abort };
    const pulse = createPulse(transport, kernel);
    const loss = watchForLoss({ lab: { clock: kernel }, stop, pulse }, 2 * MINUTE);
    await kernel.sleep(5 * MINUTE);
    await loss;
  });
  expect(told).toMatch(expected);
});
