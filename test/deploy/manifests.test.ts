/** The kustomizations of deploy/, by kubectl itself, against a cluster that takes them in. */

import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadScenario } from '../../src/scenario/load.ts';
import { scenarioHash } from '../../src/scenario/scenario-hash.ts';
import { cli } from '../cli/harness.ts';
import { installedKubectls, runKubectl } from '../support/kubectl.ts';
import { grantedBy, type RbacObject, rbacFile } from '../support/rbac.ts';
import { type ServedProcess, startCluster } from '../support/served-cluster.ts';
import { ROOT } from '../support/sources.ts';

const DEPLOY = join(ROOT, 'deploy');
const BASE = join(DEPLOY, 'base');

const newest = installedKubectls().at(-1);

interface Manifest extends RbacObject {
  readonly spec?: { readonly jobTemplate?: { readonly spec: JobSpec } } & Partial<JobSpec>;
}

interface JobSpec {
  readonly backoffLimit: number;
  readonly template: { readonly spec: PodSpec };
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly restartPolicy: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly containers: readonly {
    readonly image: string;
    readonly args: readonly string[];
    readonly securityContext: unknown;
    readonly resources: { readonly requests: unknown; readonly limits: unknown };
  }[];
}

/** Job or CronJob, whichever it has. */
function findPod(manifests: readonly Manifest[]): JobSpec {
  const spec = manifests.find(({ kind }) => kind.endsWith('Job'))?.spec;
  return (spec?.jobTemplate?.spec ?? spec) as JobSpec;
}

const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly bundleDependencies: readonly string[];
};
const IMAGE = `registry.example/bench:${PACKAGE.version}`;

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describe('what is delivered', () => {
  test('every tag of the image is the version of the package', () => {
    const tags = filesOf(DEPLOY).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/bench:(\d[\w.-]*)|newTag: (\S+)/g)].map(
        ([, tag, newTag]) => tag ?? newTag,
      ),
    );
    expect(tags.length).toBeGreaterThan(4);
    expect(new Set(tags)).toEqual(new Set([PACKAGE.version]));
  });

  test('actions of others are pinned to a commit, and say which version it is', () => {
    const text = readFileSync(join(DEPLOY, 'ci-examples/github.yml'), 'utf8');
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = '']) => action);
    expect(uses.length).toBeGreaterThan(2);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/);
  });

  test('images of others are pinned to the digest of a release, and say which it is', () => {
    const texts = filesOf(DEPLOY).map((path) => readFileSync(path, 'utf8'));
    const images = texts.flatMap((text) =>
      [...text.matchAll(/^(?:ARG NODE=|FROM (?!\$)| *(?:- )?image: *)(\S*node:\S*)/gm)].map(
        ([, image = '']) => image,
      ),
    );
    expect(images).toHaveLength(2);
    for (const image of images)
      expect(image).toMatch(/^node:\d+\.\d+\.\d+-\w[\w-]*@sha256:[0-9a-f]{64}$/);
  });

  test('NOTICE names what the package brings along, with its version', () => {
    const notice = readFileSync(join(ROOT, 'NOTICE'), 'utf8');
    for (const name of PACKAGE.bundleDependencies) {
      const path = join(ROOT, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
      const own = name === 'canvas' ? '' : ` ${version}`;
      expect(notice).toContain(`  ${name}${own} `);
    }
  });
});

describe('the Job', () => {
  test('runs a scenario that measures what the one of the repository does', () => {
    const own = loadScenario(join(BASE, 'scenarios/smoke.yaml'), []);
    const shipped = loadScenario(join(ROOT, 'scenarios/smoke.yaml'), []);
    if (!('scenario' in own) || !('scenario' in shipped)) throw new Error('does not load');
    expect(scenarioHash(own.scenario)).toBe(scenarioHash(shipped.scenario));
  });

  test('gives bench arguments that it takes', async () => {
    const job = parse(readFileSync(join(BASE, 'job.yaml'), 'utf8')) as Manifest;
    const results = mkdtempSync(join(tmpdir(), 'bench-'));
    const { code, err } = await cli(
      findPod([job]).template.spec.containers.flatMap(({ args }) =>
        args.map((arg) =>
          arg.replace('/scenarios/', `${BASE}/scenarios/`).replace('/data', results),
        ),
      ),
    );
    expect(code).toBe(64);
    // All is well up to the point where there is no pod around it.
    expect(err).toContain('use --in-cluster only inside a pod');
  });
});

describe.skipIf(newest === undefined)('kubectl', () => {
  let served: ServedProcess;
  beforeAll(async () => {
    served = await startCluster();
  });
  afterAll(() => served?.stop());

  const kubectl = async (...args: readonly string[]) => {
    if (newest === undefined) throw new Error('there is none');
    const result = await runKubectl(newest, served.kubeconfig, args);
    expect(result.err).toBe('');
    return result.out;
  };

  const built = async (folder: string) =>
    parseAllDocuments(await kubectl('kustomize', folder)).map((it) => it.toJS() as Manifest);

  test.each(['.', 'one-namespace', 'nightly'])(
    '%s: the pod is a restricted one',
    async (folder) => {
      const { backoffLimit, template } = findPod(await built(join(DEPLOY, folder)));
      const { containers, ...pod } = template.spec;
      expect(backoffLimit).toBe(0);
      expect(pod).toMatchObject({
        restartPolicy: 'Never',
        serviceAccountName: folder === 'nightly' ? 'bench-nightly' : 'bench',
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(1800);
      for (const container of containers) {
        expect(container.image).toBe(IMAGE);
        expect(container.args).toContain('--in-cluster');
        expect(container.resources.requests).toBeDefined();
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    },
  );

  test('nightly has the rights of the base, under its own name', async () => {
    const nightly = await built(join(DEPLOY, 'nightly'));
    expect(grantedBy(nightly)).toEqual(grantedBy(rbacFile(join(BASE, 'rbac.yaml'))));
    const binding = nightly.find(({ kind }) => kind === 'ClusterRoleBinding');
    expect(binding).toMatchObject({
      metadata: { name: 'bench-nightly' },
      roleRef: { name: 'bench-nightly' },
      subjects: [{ name: 'bench-nightly', namespace: 'bench-nightly' }],
    });
  });

  test('one-namespace has no rights on the cluster', async () => {
    const kinds = (await built(join(DEPLOY, 'one-namespace'))).map(({ kind }) => kind);
    expect(kinds).toContain('RoleBinding');
    expect(kinds.filter((kind) => kind.startsWith('Cluster'))).toEqual([]);
  });

  test.each([
    ['.', 'job.batch/bench', 8],
    ['one-namespace', 'role.rbac.authorization.k8s.io/bench', 9],
    ['nightly', 'cronjob.batch/bench-nightly', 9],
  ])('%s is taken by the server, twice', async (folder, object, count) => {
    const path = join(DEPLOY, folder);
    const first = await kubectl('apply', '-k', path);
    expect(first).toMatch(new RegExp(`^${object} (created|unchanged|configured)$`, 'm'));
    const second = await kubectl('apply', '-k', path, '--dry-run=server');
    expect(second.match(/ unchanged \(server dry run\)$/gm)).toHaveLength(count);
  });

  test('the pod that fetches results is a restricted one, too, with the same image', async () => {
    const path = join(DEPLOY, 'fetch.yaml');
    expect(await kubectl('apply', '-f', path, '--dry-run=server')).toContain('pod/bench-fetch');
    const { spec } = parse(readFileSync(path, 'utf8')) as { spec: PodSpec };
    const job = findPod(await built(DEPLOY)).template.spec;
    expect(spec.securityContext).toEqual(job.securityContext);
    expect(spec.containers[0]).toMatchObject({
      image: job.containers[0]?.image,
      securityContext: job.containers[0]?.securityContext,
    });
  });
});
