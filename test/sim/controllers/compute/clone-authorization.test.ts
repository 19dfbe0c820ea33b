/** VMs that clone from another namespace: asked for at each write, from virt-api's budget. */

import { expect, test } from 'vitest';
import type { VirtualMachine } from '../../../../src/api/compute.ts';
import { VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { SECOND, toSeconds } from '../../../../src/core/duration.ts';
import { vmObject, startComputeCluster } from '../../../support/compute-cluster.ts';

/** With one replica left of virt-api's two, budgets add up less unevenly. */
function cluster(settings: Parameters<typeof startComputeCluster>[0] = {}) {
  return startComputeCluster({ overrides: { nodes: { count: 3 } }, ...settings });
}

function cloning(name: string, namespace: string): VirtualMachine {
  const vm = vmObject(name);
  const source = { pvc: { namespace, name: 'golden' } };
  const dataVolumeTemplates = [{ metadata: { name: `root-${name}` }, spec: { source } }];
  return { ...vm, spec: { ...vm.spec, dataVolumeTemplates } };
}

test('a source in the namespace of the VM is asked for by nobody', async () => {
  const target = cluster();
  await target.clock.run(async () => {
    await target.controllers.ready;
    await target.client.create(VIRTUAL_MACHINES, cloning('vm', 'default'));
  });
  expect(target.reviews.asked).toBe(0);
});

test('a namespace that does not exist is a bad request', async () => {
  const target = cluster();
  await target.clock.run(async () => {
    await target.controllers.ready;
    const creation = target.client.create(VIRTUAL_MACHINES, cloning('vm', 'nosuch'));
    await expect(creation).rejects.toMatchObject({
      code: 400,
      status: {
        message:
          'admission webhook "virtualmachine-validator.kubevirt.io" denied the request: ' +
          'namespace nosuch does not exist',
      },
    });
  });
  expect(target.reviews.asked).toBe(0);
});

test('an account without the right is refused, in the words of CDI', async () => {
  const target = cluster({ mayClone: false });
  await target.clock.run(async () => {
    await target.controllers.ready;
    const creation = target.client.create(VIRTUAL_MACHINES, cloning('vm', 'kube-public'));
    await expect(creation).rejects.toMatchObject({
      code: 422,
      status: {
        details: {
          causes: [
            {
              field: 'spec.dataVolumeTemplates[0]',
              message:
                'Authorization failed, message is: User system:serviceaccount:default:default ' +
                'has insufficient permissions in clone source namespace kube-public',
            },
          ],
        },
      },
    });
  });
  // Either of two rights would do for a claim.
  expect(target.reviews.asked).toBe(2);
});

test('forty creations wait for one another, and updates cost the same', async () => {
  const target = cluster();
  const doneUs: number[] = [];
  await target.clock.run(async () => {
    await target.controllers.ready;
    const startUs = target.clock.nowUs();
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await target.client.create(VIRTUAL_MACHINES, cloning(`vm-${index}`, 'kube-public'));
        doneUs.push(target.clock.nowUs() - startUs);
      }),
    );
    // Two replicas of ten at once and five a second, which the controller's updates use as well.
    expect(toSeconds(Math.max(...doneUs))).toBeGreaterThan(1.5);
    expect(toSeconds(Math.max(...doneUs))).toBeLessThan(10);
    await target.clock.sleep(60 * SECOND);
  });
  // At creation, when the versions are noted, and when the finalizer is added; a few of these meet
  // a write of the snapshot controller and are repeated.
  expect(target.reviews.asked).toBeGreaterThanOrEqual(3 * 40);
  expect(target.reviews.asked).toBeLessThan(3.5 * 40);
});
