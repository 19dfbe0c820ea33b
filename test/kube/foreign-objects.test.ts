/** Answers with 200 that no API server gives: each is known as somebody else's. */

import { expect, test } from 'vitest';
import { DATA_VOLUMES } from '../../src/api/resources.ts';
import { checkKinds, checkServer } from '../../src/cluster/check-software.ts';
import { createClient } from '../../src/kube/client.ts';
import { findKind } from '../../src/kube/find-kind.ts';
import { ForeignAnswerError } from '../../src/kube/foreign-answer.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { object, scripted } from '../cluster/script.ts';
import { scriptedTransport } from '../support/scripted-transport.ts';

const FAILURE = { kind: 'Status', status: 'Failure', code: 500 };

test.each([[undefined], [null], [42], ['ok'], [[]], [FAILURE]])('%j', async (body) => {
  const kernel = createKernel();
  const client = createClient(scriptedTransport(kernel, () => ({ status: 200, body })));
  const ref = { namespace: 'a', name: 'b' };
  const refused = async (what: Promise<unknown>) =>
    expect(what).rejects.toThrow(ForeignAnswerError);
  await kernel.run(
    async () => {
      await refused(client.get(DATA_VOLUMES, ref));
      await refused(client.list(DATA_VOLUMES));
      await refused(client.patch(DATA_VOLUMES, ref, {}));
      await refused(client.raw({ method: 'GET', path: '/version' }));
    },
    () => 'the script',
  );
});

test.each(['x', { a: 1 }, null, [null]])('discovery that lists %j', async (resources) => {
  const lists = ['kubevirt.io/v1', 'cdi.kubevirt.io/v1beta1', 'snapshot.storage.k8s.io/v1'];
  const { lab, play, client } = scripted({
    ...Object.fromEntries(lists.map((path) => [`GET /apis/${path}`, object({ resources })])),
    'GET /api/v1': object({ resources }),
    'GET /apis': object({ groups: resources }),
    'GET /version': object({ gitVersion: 3 }),
  });
  await play(async () => {
    const findings = await checkKinds(lab({ startsBySubresource: false }));
    expect(findings.map(({ verdict }) => verdict)).toEqual(['fail', 'fail', 'fail']);
    await expect(checkServer(lab())).rejects.toThrow(ForeignAnswerError);
    expect(await findKind(client, { apiVersion: undefined, kind: 'Unheard' })).toBeUndefined();
  });
});
