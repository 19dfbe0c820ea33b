/** exec, attach, port-forward and consoles: refused so that a client can print why. */

import { expect, test } from 'vitest';
import { withHttps } from './https-lab.ts';

test('what would need a process behind the pod is refused with a Status', () =>
  withHttps(async (lab) => {
    const { status, body } = await lab.ask('/api/v1/namespaces/default/pods/p/exec?command=ls', {
      method: 'POST',
      headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
    });
    expect(status).toBe(501);
    expect(body).toMatchObject({ kind: 'Status', reason: 'NotImplemented', code: 501 });
    expect((body as { message: string }).message).toContain('simulated');
  }));
