/** Whose right it takes to clone from another namespace, and what grants it. */

import { expect, test } from 'vitest';
import { VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { checkCloneRight } from '../../src/cluster/check-clone-right.ts';
import { forbidden, named, object, scripted } from './script.ts';

const REVIEWS = 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews';

function vm(source: unknown, volumes: readonly unknown[] = []) {
  const spec = {
    dataVolumeTemplates: [{ spec: { source } }],
    template: { spec: { volumes } },
  };
  const object = { ...named('vm', { namespace: 'bench-r1' }), spec };
  return { resource: VIRTUAL_MACHINES, object };
}

const FOREIGN = { snapshot: { namespace: 'images', name: 'golden' } };

async function checked(
  answer: (resource: string) => boolean,
  sample: ReturnType<typeof vm> = vm(FOREIGN),
) {
  const { lab, play, requests } = scripted({
    [REVIEWS]: ({ body }) => {
      const { spec } = body as { spec: { resourceAttributes: { resource: string } } };
      return object({ status: { allowed: answer(spec.resourceAttributes.resource) } });
    },
  });
  const findings = await play(() => checkCloneRight(lab({ samples: [sample] })));
  return { findings, asked: requests.map(({ body }) => body) };
}

test('asks for the service account of the VMs, and is content with its right', async () => {
  const { findings, asked } = await checked((resource) => resource === 'datavolumes');
  expect(findings).toMatchObject([{ check: 'clone right', verdict: 'pass' }]);
  expect(asked).toMatchObject([
    {
      spec: {
        user: 'system:serviceaccount:bench-r1:default',
        groups: expect.arrayContaining(['system:serviceaccounts:bench-r1']),
        resourceAttributes: {
          verb: 'create',
          group: 'cdi.kubevirt.io',
          resource: 'datavolumes',
          subresource: 'source',
          namespace: 'images',
        },
      },
    },
  ]);
});

test('who may run pods where the disks are may clone them, too', async () => {
  const { findings } = await checked((resource) => resource === 'pods');
  expect(findings).toMatchObject([{ verdict: 'pass' }]);
});

test('without it there is the role that mends it, ready to be pasted', async () => {
  const { findings } = await checked(() => false);
  expect(findings).toMatchObject([{ verdict: 'fail' }]);
  const { remedy = '' } = findings[0] ?? {};
  expect(remedy).toContain('kubectl create role bench-clone-source -n images --verb=create');
  expect(remedy).toContain('--resource=datavolumes.cdi.kubevirt.io/source');
  expect(remedy).toContain('--serviceaccount=bench-r1:default');
});

test('the account is that of a serviceAccount volume, where there is one', async () => {
  const volumes = [{ name: 'sa', serviceAccount: { serviceAccountName: 'own' } }];
  const { asked } = await checked(() => true, vm(FOREIGN, volumes));
  expect(asked).toMatchObject([{ spec: { user: 'system:serviceaccount:bench-r1:own' } }]);
});

test('nothing is asked where all is in one namespace, or where nobody may ask', async () => {
  const own = { pvc: { namespace: 'bench-r1', name: 'golden' } };
  expect((await checked(() => false, vm(own))).asked).toEqual([]);
  expect((await checked(() => false, vm({ blank: {} }))).asked).toEqual([]);
  const { lab, play } = scripted({ [REVIEWS]: forbidden('subjectaccessreviews') });
  expect(await play(() => checkCloneRight(lab({ samples: [vm(FOREIGN)] })))).toEqual([]);
});
