/** A simulated cluster that listens on loopback with TLS, and a kubeconfig for it. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GUEST_PROFILES } from '../../src/parameters/guests.ts';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { createFaults } from '../../src/sim/apiserver/faults/faults.ts';
import type { FaultPlan } from '../../src/sim/apiserver/faults/plan.ts';
import {
  type Credentials,
  createCredentials,
  kubeconfigText,
} from '../../src/sim/apiserver/https/credentials.ts';
import type { HttpsOptions } from '../../src/sim/apiserver/https/endpoint.ts';
import { serveHttps } from '../../src/sim/apiserver/https/serve.ts';
import type { ApiServer } from '../../src/sim/apiserver/server/server.ts';
import { createSimulator } from '../../src/sim/simulator.ts';
import { createPacedKernel, type PacedKernel } from '../../src/sim/kernel/paced-clock.ts';

export const CONTEXT = 'sim';

export interface ServedCluster {
  readonly kernel: PacedKernel;
  readonly server: ApiServer;
  readonly url: string;
  readonly credentials: Credentials;
  /** Path of a kubeconfig with the contexts `sim` (by certificate) and `sim-token`. */
  readonly kubeconfig: string;
  readonly folder: string;
  /** `METHOD path` of all requests so far, watches included. */
  readonly requests: readonly string[];
  /** From now on nobody listens any more. */
  goDark(): Promise<void>;
}

export interface ServedOptions {
  readonly speed?: number;
  readonly faults?: FaultPlan;
  /** May change what is answered; see HttpsOptions. */
  readonly extension?: HttpsOptions['extension'];
}

let shared: Credentials | undefined;

/** Serves what `build` puts on the kernel, for as long as `use` goes on. */
export async function withCluster<T>(
  build: (kernel: PacedKernel) => ApiServer,
  use: (cluster: ServedCluster) => Promise<T>,
  { speed = 100, faults: plan, extension }: ServedOptions = {},
): Promise<T> {
  const wall = systemClock();
  const kernel = createPacedKernel({ speed, wall });
  const server = build(kernel);
  shared ??= createCredentials(['127.0.0.1', 'localhost'], wall.wallUs());
  const credentials = shared;
  const requests: string[] = [];
  const faults = plan && createFaults({ clock: kernel, rng: createRng(3), plan, server });
  return kernel.run(async () => {
    const endpoint = await serveHttps({
      server,
      clock: kernel,
      speed,
      roundTripUs: 10_000,
      watchDelayUs: 50_000,
      host: '127.0.0.1',
      port: 0,
      credentials,
      ...(faults ? { faults } : {}),
      extension: (request) => {
        requests.push(`${request.method} ${request.path}`);
        return extension?.(request);
      },
    });
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigText(endpoint.url, credentials, CONTEXT));
    const { url } = endpoint;
    try {
      return await use({
        kernel,
        server,
        url,
        credentials,
        kubeconfig,
        folder,
        requests,
        goDark: () => endpoint.close(),
      });
    } finally {
      faults?.stop();
      await endpoint.close();
    }
  });
}

/** The whole simulated cluster, small, with what test/support/tiny.yaml needs. */
export function simulatedCluster(kernel: PacedKernel): ApiServer {
  const content = { key: 'rhel9', dataBytes: 512 * 2 ** 20, guest: GUEST_PROFILES.rhel9 };
  return createSimulator({
    seed: 1,
    kernel,
    parameters: resolveParameters({ nodes: { count: 6 } }),
    images: [{ urls: ['http://images.example/rhel9_uefi.qcow2'], content }],
    storageClasses: ['ocs-storagecluster-ceph-rbd-virtualization'],
    snapshotClasses: ['ocs-storagecluster-rbdplugin-snapclass'],
    namespaces: [],
    recordEvents: false,
  }).server;
}
