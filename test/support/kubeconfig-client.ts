/** Plain requests to a served cluster with the credentials of a kubeconfig that bench wrote. */

import { readFileSync } from 'node:fs';
import { request as plain } from 'node:http';
import { request as tls } from 'node:https';
import { parse } from 'yaml';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users: readonly { readonly user: { readonly token?: string } }[];
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the kubeconfig's; none where null. */
  readonly token?: string | null;
}

export function serverOf(kubeconfig: string): string {
  return read(kubeconfig).clusters[0]?.cluster.server ?? '';
}

export function rawRequest(kubeconfig: string, asked: RawRequest): Promise<RawAnswer> {
  const { clusters, users } = read(kubeconfig);
  const cluster = clusters[0]?.cluster;
  const authority = Buffer.from(cluster?.['certificate-authority-data'] ?? '', 'base64');
  const own = users.find(({ user }) => user.token !== undefined)?.user.token;
  const token = asked.token === undefined ? own : (asked.token ?? undefined);
  const url = new URL(asked.path, cluster?.server);
  const send = url.protocol === 'https:' ? tls : plain;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: asked.method ?? 'GET',
        ca: authority,
        agent: false,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...asked.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(asked.body);
  });
}

function read(kubeconfig: string): Kubeconfig {
  return parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
}
