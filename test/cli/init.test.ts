/** `bench init`: a scenario that is valid as it stands, from flags, answers or a VM of a cluster. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VirtualMachine } from '../../src/api/compute.ts';
import { templateFromVm } from '../../src/run/vm-manifest.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { writeStarter } from '../../src/scenario/starter.ts';
import { cli, temporaryFolder } from './harness.ts';

const newFile = () => join(temporaryFolder(), 'web.yaml');

describe('bench init', () => {
  test('writes what the flags say, valid as it stands', async () => {
    const file = newFile();
    const image = 'docker://quay.io/containerdisks/fedora:42';
    const { code, out } = await cli(
      ['init', 'web', '--out', file, '--image', image, '--memory', '8Gi'].concat([
        '--cpu',
        '4',
        '--count',
        '30',
        '--wave',
        '10',
        '--size',
        '40Gi',
      ]),
    );
    expect(code).toBe(0);
    expect(out).toBe(`${file}: 30 VMs, 10 at a time\n`);
    const loaded = loadScenario(file);
    if (!('scenario' in loaded)) throw new Error(JSON.stringify(loaded.problems));
    const [template] = loaded.scenario.templates;
    expect(template).toMatchObject({ key: 'web', image: 'web', source: 'snapshot' });
    const domain = { cpu: { sockets: 4 }, memory: { guest: '8Gi' } };
    expect(template?.tree).toMatchObject({ spec: { template: { spec: { domain } } } });
    expect(template?.disks).toEqual([{ sizeBytes: 40 * 2 ** 30 }]);
  });

  test('asks somebody who says nothing; an empty answer takes what is usual', async () => {
    const file = newFile();
    const { code, out } = await cli(['init', 'web', '--out', file], { answer: '' });
    expect(code).toBe(0);
    expect(out).toContain('100 VMs, 50 at a time');
  });

  test('without snapshot class all is cloned from claims', async () => {
    const file = newFile();
    expect((await cli(['init', 'web', '--out', file, '--snapshot-class', 'none'])).code).toBe(0);
    const loaded = loadScenario(file);
    expect(loaded).toMatchObject({ scenario: { templates: [{ source: 'pvc' }] } });
  });

  test('replaces no file unless told to', async () => {
    const file = newFile();
    await cli(['init', 'web', '--out', file, '--count', '7']);
    const again = await cli(['init', 'web', '--out', file, '--count', '8']);
    expect(again.code).toBe(64);
    expect(again.err).toContain('--force replaces it');
    expect(readFileSync(file, 'utf8')).toContain('count: 7,');
    expect((await cli(['init', 'web', '--out', file, '--force', '--count', '8'])).code).toBe(0);
  });

  test('what would be no scenario is not written', async () => {
    const file = newFile();
    const { code, out } = await cli(['init', 'Web Shop', '--out', file, '--count', '3']);
    expect(code).toBe(64);
    expect(out).toContain('"Web Shop" is no DNS-1123 label');
    expect(existsSync(file)).toBe(false);
  });

  test.each(['ftp://images/x', 'http://a b'])('an image that is no URL: %s', async (image) => {
    const { code } = await cli(['init', 'web', '--out', newFile(), '--image', image]);
    expect(code).toBe(64);
  });
});

const VM = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'shop-1', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  spec: {
    runStrategy: 'Always',
    instancetype: {
      name: 'u1.medium',
      kind: 'VirtualMachineClusterInstancetype',
      revisionName: 'r',
    },
    dataVolumeTemplates: [{ metadata: { name: 'shop-1-disk' }, spec: {} }],
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: {
        domain: {
          firmware: { uuid: '5d307ca9-b3ef-428c-8861-06e72d69f223', bootloader: { efi: {} } },
          devices: {
            disks: [
              { name: 'disk', disk: { bus: 'virtio' } },
              { name: 'init', disk: { bus: 'virtio' } },
              { name: 'data', disk: { bus: 'virtio' } },
            ],
            interfaces: [{ name: 'default', macAddress: '02:00:00:00:00:01', masquerade: {} }],
          },
        },
        networks: [{ name: 'default', pod: {} }],
        volumes: [
          { name: 'disk', dataVolume: { name: 'shop-1-disk' } },
          { name: 'init', cloudInitNoCloud: { userData: 'password: hunter2' } },
          { name: 'data', persistentVolumeClaim: { claimName: 'shop-data' } },
        ],
      },
    },
  },
} as unknown as VirtualMachine;

describe('a VM of a cluster as a template', () => {
  const found = templateFromVm(VM, 'shop');

  test('loses what is its own: identity, addresses, passwords, claims of others', () => {
    expect(found?.claim).toBe('shop-1-disk');
    expect(found?.dropped).toEqual(['init', 'data']);
    const text = JSON.stringify(found?.manifest);
    expect(text).not.toMatch(/hunter2|02:00|5d307ca9|shop-data|revisionName|"u1"/);
    expect(text).toContain('u1.medium');
    expect(found?.manifest).toMatchObject({ spec: { runStrategy: 'Halted' } });
  });

  test('makes a valid scenario', () => {
    const text = writeStarter({
      name: 'shop',
      image: { size: '30Gi', claim: { namespace: 'shop', name: found?.claim ?? '' } },
      vm: { manifest: found?.manifest ?? {} },
      count: 10,
      wave: 5,
      storageClass: 'fast',
      snapshotClass: undefined,
      guest: 'rhel9',
    });
    expect(parseScenario(text, 'shop.yaml')).toMatchObject({
      scenario: { templates: [{ key: 'shop', source: 'pvc' }] },
    });
  });

  test('without a disk on a claim there is none', () => {
    const { template } = VM.spec;
    const spec = { ...template.spec, volumes: [{ name: 'x', containerDisk: { image: 'y' } }] };
    const vm = { ...VM, spec: { ...VM.spec, template: { spec } } } as VirtualMachine;
    expect(templateFromVm(vm, 'shop')).toBeUndefined();
  });
});

describe('bench completion', () => {
  test.each(['bash', 'zsh'])('%s: a script that asks bench for the words', async (shell) => {
    const { code, out } = await cli(['completion', shell]);
    expect(code).toBe(0);
    expect(out).toContain('--get-yargs-completions');
  });

  test('another shell is refused', async () => {
    expect((await cli(['completion', 'fish'])).code).toBe(64);
  });
});
