/** The real kubectl, where there is one, against the real socket. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kubeconfigText } from '../../../../src/sim/apiserver/https/credentials.ts';
import { dataVolume } from '../lab.ts';
import { type HttpsLab, withHttps } from './https-lab.ts';

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'bench-kubectl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Output {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function kubectlOf(lab: HttpsLab, name: string) {
  const kubeconfig = join(folder, name);
  writeFileSync(kubeconfig, kubeconfigText(lab.endpoint.url, lab.credentials, 'simulated'));
  return (args: string, input = ''): Promise<Output> =>
    new Promise((resolve) => {
      const fixed = ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'cache')];
      const child = execFile('kubectl', [...fixed, ...args.split(' ')], (failure, out, error) => {
        resolve({ code: failure ? 1 : 0, out, error });
      });
      child.stdin?.end(input);
    });
}

const VOLUME = JSON.stringify({
  ...dataVolume('v', { labels: { app: 'x' } }),
  spec: { source: { blank: {} }, pvc: { resources: { requests: { storage: '1Gi' } } } },
});
const MAP = (value: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c' },
    data: { key: value },
  });

test.skipIf(!installed)('a session from creation to deletion (skipped without kubectl)', () =>
  withHttps(async (lab) => {
    const kubectl = kubectlOf(lab, 'session');
    expect((await kubectl('version')).out).toContain('simulated');
    expect((await kubectl('create -f -', VOLUME)).out).toBe(
      'datavolume.cdi.kubevirt.io/v created\n',
    );
    expect((await kubectl('create -f -', VOLUME)).error).toContain('(AlreadyExists)');
    const typo = VOLUME.replace('"source"', '"sauce"');
    expect((await kubectl('create -f -', typo)).error).toContain('unknown field "spec.sauce"');
    expect((await kubectl('get dv -l app=x')).out).toMatch(
      /^NAME +PHASE +PROGRESS +RESTARTS +AGE\nv /,
    );
    const waited = kubectl('wait dv/v --for=jsonpath={.status.phase}=Succeeded --timeout=60s');
    const status = '{"status":{"phase":"Succeeded","progress":"100.0%"}}';
    await kubectl(`patch dv v --subresource=status --type=merge -p ${status}`);
    expect((await waited).out).toContain('condition met');
    expect((await kubectl('get dv v -o jsonpath={.status.progress}')).out).toBe('100.0%');
    expect((await kubectl('describe dv v')).out).toContain('Succeeded');
    expect((await kubectl('explain dv.spec.source')).out).toContain('Where the data comes from');
    expect((await kubectl('delete dv v')).out).toContain('deleted');
    expect((await kubectl('get dv')).error).toContain('No resources found');
  }),
);

test.skipIf(!installed)(
  'apply in both ways, and conflicts between them (skipped without kubectl)',
  () =>
    withHttps(async (lab) => {
      const kubectl = kubectlOf(lab, 'apply');
      expect((await kubectl('apply -f -', MAP('1'))).out).toBe('configmap/c created\n');
      expect((await kubectl('apply -f -', MAP('2'))).out).toBe('configmap/c configured\n');
      expect((await kubectl('apply -f -', MAP('2'))).out).toBe('configmap/c unchanged\n');
      const serverSide = 'apply --server-side --field-manager=other -f -';
      expect((await kubectl(serverSide, MAP('3'))).error).toContain('Apply failed with 1 conflict');
      const forced = await kubectl(serverSide.replace(' -f', ' --force-conflicts -f'), MAP('3'));
      expect(forced.out).toBe('configmap/c serverside-applied\n');
      expect((await kubectl('get cm c -o jsonpath={.data.key}')).out).toBe('3');
      expect((await kubectl('--context simulated-token auth can-i create pods')).out).toBe('yes\n');
      expect((await kubectl('--token wrong get ns')).error).toContain('Unauthorized');
    }),
);

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: tabs.ex.io }
spec:
  group: ex.io
  scope: Namespaced
  names: { plural: tabs, kind: Tab, shortNames: [tb] }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { cron: { type: string } } } }
      additionalPrinterColumns: [{ name: Cron, type: string, jsonPath: .spec.cron }]
`;
const TAB = '{"apiVersion":"ex.io/v1","kind":"Tab","metadata":{"name":"t"},"spec":{"cron":"* *"}}';

test.skipIf(!installed)(
  "a kind of the client's own, from its definition (skipped without kubectl)",
  () =>
    withHttps(async (lab) => {
      const kubectl = kubectlOf(lab, 'custom');
      expect((await kubectl('get tabs')).error).toContain("doesn't have a resource type");
      expect((await kubectl('apply -f -', DEFINITION)).out).toContain('tabs.ex.io created');
      const wait = 'wait --for=condition=Established crd/tabs.ex.io --timeout=20s';
      expect((await kubectl(wait)).out).toContain('condition met');
      expect((await kubectl('apply -f -', TAB)).out).toBe('tab.ex.io/t created\n');
      expect((await kubectl('get tb')).out).toMatch(/^NAME +CRON\nt +\* \*\n/);
      const wrong = await kubectl('apply -f -', TAB.replace('"* *"', '5'));
      expect(wrong.error).toContain('spec.cron in body must be of type string: "integer"');
      expect((await kubectl('explain tab.spec')).out).toContain('cron');
      expect((await kubectl('delete crd tabs.ex.io')).out).toContain('deleted');
    }),
);
