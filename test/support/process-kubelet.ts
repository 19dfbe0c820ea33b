/**
 * A kubelet of one machine without containers: each pod is a process of the compiled command line,
 * its mounts are folders, and `/` in its arguments is a folder of its own. What it knows of pods is
 * what an Indexed Job needs: exit codes, and evictions.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pod } from '../../src/api/compute.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { CONFIG_MAPS, PODS, type Resource } from '../../src/api/resources.ts';
import { isNotFound } from '../../src/kube/api-error.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Informer } from '../../src/kube/informer.ts';
import type { PacedKernel } from '../../src/sim/kernel/paced-clock.ts';
import { builtMain } from './built-bench.ts';

const SECRETS: Resource<DataObject> = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};

interface DataObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface Volume {
  readonly name: string;
  readonly configMap?: {
    readonly name: string;
    readonly items: readonly { readonly key: string; readonly path: string }[];
  };
  readonly secret?: { readonly secretName: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: KeyReference;
    readonly configMapKeyRef?: KeyReference;
  };
}

interface KeyReference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface ProcessKubelet {
  /** The folder of a claim. */
  claim(name: string): string;
  /** `/` of a pod. */
  home(podUid: string): string;
  /** Ends the pod as an eviction does; whether there was one to end. */
  evict(podUid: string, signal: 'SIGTERM' | 'SIGKILL'): boolean;
  /** Pods started so far, in their order. */
  readonly started: readonly Pod[];
}

interface KubeletOptions {
  readonly kernel: Pick<PacedKernel, 'inject'>;
  readonly client: KubeClient;
  readonly pods: Informer<Pod>;
  /** For mounts and claims. */
  readonly root: string;
}

export function startProcessKubelet({
  kernel,
  client,
  pods,
  root,
}: KubeletOptions): ProcessKubelet {
  const running = new Map<string, ChildProcess>();
  const evicted = new Set<string>();
  const started: Pod[] = [];
  const claim = (name: string) => join(root, 'claims', name);
  const homeOf = (uid: string) => join(root, 'pods', uid);
  const setStatus = (pod: Pod, status: Pod['status']) =>
    client.patch(PODS, pod.metadata, { status }, { subresource: 'status' });

  const start = async (pod: Pod) => {
    const uid = pod.metadata.uid ?? '';
    const home = homeOf(uid);
    await mountAll(client, pod, { home, claim });
    const [container] = pod.spec.containers;
    const variables = (container?.env ?? []) as readonly Variable[];
    const env: Record<string, string> = {};
    for (const each of variables) {
      const value = await valueOf(client, each, pod);
      if (value !== undefined) env[each.name] = value;
    }
    const args = (container?.args ?? []).map((arg) =>
      arg
        .replace(/\$\((\w+)\)/g, (reference, name: string) => env[name] ?? reference)
        .replace(/^(--[\w-]+=)?\//, `$1${home}/`),
    );
    await setStatus(pod, { phase: 'Running' });
    const child = spawn(process.execPath, [builtMain(), ...args], {
      cwd: home,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    running.set(uid, child);
    child.on('exit', (code) => {
      running.delete(uid);
      const exitCode = code ?? 137;
      const state = { terminated: { exitCode } };
      const name = container?.name ?? '';
      const end: Pod['status'] = {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        containerStatuses: [{ name, ready: false, state }],
        ...(evicted.has(uid) && { conditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
      };
      kernel.inject(() => void setStatus(pod, end));
    });
  };
  pods.onChange((now) => {
    if (!now || now.status?.phase !== 'Pending') return;
    if (started.some(({ metadata }) => metadata.uid === now.metadata.uid)) return;
    started.push(now);
    void start(now);
  });
  return {
    claim,
    home: homeOf,
    started,
    evict(uid, signal) {
      const child = running.get(uid);
      if (child === undefined) return false;
      evicted.add(uid);
      return child.kill(signal);
    },
  };
}

async function valueOf(
  client: KubeClient,
  { name, value = '', valueFrom }: Variable,
  { metadata }: Pod,
): Promise<string | undefined> {
  if (valueFrom === undefined) return value;
  const { fieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  const reference = secretKeyRef ?? configMapKeyRef;
  if (reference !== undefined) {
    const resource = secretKeyRef === undefined ? CONFIG_MAPS : SECRETS;
    const ref = { namespace: metadata.namespace, name: reference.name };
    const { data } = await client.get<DataObject>(resource, ref);
    const found = data?.[reference.key];
    if (found === undefined && !reference.optional) throw new Error(`${name} has no value`);
    if (found === undefined || secretKeyRef === undefined) return found;
    return Buffer.from(found, 'base64').toString();
  }
  const [, of = '', key = ''] =
    /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldRef?.fieldPath ?? '') ?? [];
  const found = (of === 'labels' ? metadata.labels : metadata.annotations)?.[key];
  if (found === undefined) throw new Error(`${name} is ${fieldRef?.fieldPath}, which is not there`);
  return found;
}

interface Places {
  readonly home: string;
  claim(name: string): string;
}

async function mountAll(client: KubeClient, pod: Pod, { home, claim }: Places): Promise<void> {
  const volumes = new Map(
    (pod.spec.volumes as readonly Volume[]).map((volume) => [volume.name, volume]),
  );
  for (const { name, mountPath } of pod.spec.containers[0]?.volumeMounts ?? []) {
    const volume = volumes.get(name);
    const place = join(home, mountPath);
    const of = { namespace: pod.metadata.namespace, name: '' };
    if (volume?.persistentVolumeClaim !== undefined) {
      const folder = claim(volume.persistentVolumeClaim.claimName);
      mkdirSync(folder, { recursive: true });
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(folder, place);
      continue;
    }
    mkdirSync(place, { recursive: true });
    if (volume?.configMap !== undefined) {
      const { name: mapName, items } = volume.configMap;
      const { data = {} } = await client.get<DataObject>(CONFIG_MAPS, { ...of, name: mapName });
      for (const { key, path } of items) {
        mkdirSync(dirname(join(place, path)), { recursive: true });
        writeFileSync(join(place, path), data[key] ?? '');
      }
    }
    if (volume?.secret === undefined) continue;
    const found = await optional(client.get(SECRETS, { ...of, name: volume.secret.secretName }));
    for (const [key, value] of Object.entries(found?.data ?? {})) {
      writeFileSync(join(place, key), Buffer.from(value, 'base64'));
    }
  }
}

async function optional(secret: Promise<DataObject>): Promise<DataObject | undefined> {
  try {
    return await secret;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
