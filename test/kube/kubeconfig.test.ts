/** Kubeconfigs, their credentials and proxies, as kubectl takes them. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import type { Clock } from '../../src/core/clock.ts';
import { SECOND } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { proxyFor } from '../../src/kube/proxy.ts';
import type { KeyPair } from '../../src/sim/apiserver/https/certificate.ts';
import { createCredentials } from '../../src/sim/apiserver/https/credentials.ts';

afterEach(() => vi.unstubAllEnvs());

const CLUSTER = { name: 'c', cluster: { server: 'https://api.example:6443' } };

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-'));
}

function kubeconfig(at: string, user: object, more: object = {}): string {
  mkdirSync(at, { recursive: true });
  const path = join(at, 'config');
  const content = {
    clusters: [CLUSTER],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    ...more,
  };
  writeFileSync(path, stringify(content));
  return path;
}

/** A program that gives a new token at each call, and counts the calls. */
function plugIn(at: string, more = ''): string {
  const script = `#!/bin/sh
echo x >> "$(dirname "$0")/calls"
echo "a secret of the plug-in" >&2
${more}
n=$(wc -l < "$(dirname "$0")/calls" | tr -d ' ')
echo '{"kind":"ExecCredential","status":{"token":"token-'$n'"}}'
`;
  writeFileSync(join(at, 'plug-in'), script);
  chmodSync(join(at, 'plug-in'), 0o755);
  return './plug-in';
}

/** A kubeconfig whose program counts its calls, and says what stands in a file. */
function saying(status: object | string): { readonly at: string; readonly path: string } {
  const at = folder();
  const command = plugIn(at, 'cat "$(dirname "$0")/says"; exit 0');
  writeFileSync(join(at, 'says'), typeof status === 'string' ? status : answer(status));
  return { at, path: kubeconfig(at, { exec: { command } }) };
}

function answer(status: object): string {
  return JSON.stringify({ kind: 'ExecCredential', status });
}

function calls(at: string): number {
  return readFileSync(join(at, 'calls'), 'utf8').trim().split('\n').length;
}

function steppedClock(): Clock & { step(us: number): void } {
  const clock = systemClock();
  let aheadUs = 0;
  return {
    ...clock,
    wallUs: () => clock.wallUs() + aheadUs,
    step: (us) => void (aheadUs += us),
  };
}

function clientPair(): KeyPair {
  return createCredentials(['localhost'], systemClock().wallUs()).client;
}

async function authorization(path: string) {
  const connection = await loadConnection({ kubeconfig: path });
  return { connection, first: (await connection.headers())['Authorization'] };
}

describe('credentials', () => {
  test('of a tokenFile, relative to the kubeconfig, are read again when they change', async () => {
    const at = folder();
    writeFileSync(join(at, 'token'), 'one');
    const { connection, first } = await authorization(kubeconfig(at, { tokenFile: 'token' }));
    expect(first).toBe('Bearer one');
    writeFileSync(join(at, 'token'), 'other');
    expect((await connection.headers())['Authorization']).toBe('Bearer other');
  });

  test('of a program, relative to the kubeconfig, are kept until they are refused', async () => {
    const at = folder();
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugIn(at) };
    const { connection, first } = await authorization(kubeconfig(at, { exec }));
    expect(first).toBe('Bearer token-1');
    const again = await connection.headers();
    expect(again['Authorization']).toBe('Bearer token-1');
    expect(connection.renew(again)).toBe(true);
    expect((await connection.headers())['Authorization']).toBe('Bearer token-2');
    // A second request was refused with the first token: it is another one by now.
    expect(connection.renew(again)).toBe(true);
    expect((await connection.headers())['Authorization']).toBe('Bearer token-2');
    // Refused again at once: the program is not asked for ever.
    expect(connection.renew(await connection.headers())).toBe(false);
    expect(readFileSync(join(at, 'calls'), 'utf8')).toBe('x\nx\n');
  });

  test('of a program that have expired are asked for once by all who need them', async () => {
    const clock = steppedClock();
    const { at, path } = saying({ token: 't', expirationTimestamp: '2020-01-01T00:00:00Z' });
    const connection = await loadConnection({ kubeconfig: path }, '', clock);
    const ask = () => Promise.all(Array.from({ length: 20 }, () => connection.headers()));
    for (let asked = 1; asked <= 3; asked++) {
      await ask();
      // Its word of a moment ago is not doubted, whatever the clocks say.
      await ask();
      expect(calls(at)).toBe(asked);
      clock.step(6 * SECOND);
    }
  });

  test('of a program that fails are asked for again, but not with each request', async () => {
    const clock = steppedClock();
    const { at, path } = saying('nothing of use');
    const connection = await loadConnection({ kubeconfig: path }, '', clock);
    for (let asked = 1; asked <= 3; asked++) {
      for (const _ of [1, 2, 3]) await expect(connection.headers()).rejects.toThrow('gave no Exec');
      expect(calls(at)).toBe(asked);
      clock.step(6 * SECOND);
    }
  });

  test('of a program that hangs are not waited for beyond the end of the connection', async () => {
    const at = folder();
    const path = kubeconfig(at, { exec: { command: plugIn(at, 'exec sleep 600') } });
    const connection = await loadConnection({ kubeconfig: path });
    const refused = expect(connection.headers()).rejects.toThrow('cannot be run (ABORT_ERR)');
    connection.close?.();
    await refused;
  });

  test('that are a certificate of a program are shown by agents of before too', async () => {
    const clock = steppedClock();
    const given = (of: KeyPair) => ({
      clientCertificateData: of.certificate,
      clientKeyData: of.key,
      expirationTimestamp: '2020-01-01T00:00:00Z',
    });
    const [first, second] = [clientPair(), clientPair()];
    const { at, path } = saying(given(first));
    const connection = await loadConnection({ kubeconfig: path }, '', clock);
    // Nothing is asked for before there is something to send.
    const agent = (await connection.agent(1)) as Agent;
    expect(existsSync(join(at, 'calls'))).toBe(false);
    await connection.headers();
    expect(agent.options.cert).toBe(first.certificate);
    writeFileSync(join(at, 'says'), answer(given(second)));
    clock.step(6 * SECOND);
    await connection.headers();
    expect([agent.options.cert, agent.options.key]).toEqual([second.certificate, second.key]);
  });

  test('that are files are shown as they are now, once both have been replaced', async () => {
    const at = folder();
    const write = ({ certificate, key }: Partial<KeyPair>) => {
      if (certificate !== undefined) writeFileSync(join(at, 'cert'), certificate);
      if (key !== undefined) writeFileSync(join(at, 'key'), key);
    };
    const [first, second] = [clientPair(), clientPair()];
    write(first);
    const path = kubeconfig(at, { 'client-certificate': 'cert', 'client-key': 'key' });
    const connection = await loadConnection({ kubeconfig: path });
    const agent = (await connection.agent(1)) as Agent;
    write({ certificate: second.certificate });
    await connection.headers();
    expect(String(agent.options.cert)).toBe(first.certificate);
    write(second);
    await connection.headers();
    expect(String(agent.options.cert)).toBe(second.certificate);
    expect(agent.options.key).toEqual(Buffer.from(second.key));
  });

  test('of a program that fails are explained without what it printed', async () => {
    const at = folder();
    const command = plugIn(at, 'echo another secret; exit 3');
    const path = kubeconfig(at, { exec: { command } });
    const error = await authorization(path).catch((caught: Error) => caught);
    const { message, stack } = error as Error;
    expect(message).toMatch(/plug-in ended with code 3/);
    expect(JSON.stringify([error, stack])).not.toContain('secret of');
    expect(JSON.stringify([error, stack])).not.toContain('another secret');
  });

  test('of a program that has started another, which prints without end, keep nobody', async () => {
    const at = folder();
    const other = `sh -c 'echo $$ > "$0"; exec yes' "$(dirname "$0")/other"`;
    const command = plugIn(at, `${other} & wait`);
    await expect(authorization(kubeconfig(at, { exec: { command } }))).rejects.toThrow(
      'more than a credential',
    );
    const pid = Number(readFileSync(join(at, 'other'), 'utf8'));
    // Nobody reads what it prints any more, so that it ends.
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 20_000);
  });

  test.each([
    ['a token of two lines', { token: 'a\nsecret' }],
    ['a name that no header takes', { token: 't', as: '\u2603' }],
  ])('that are %s are refused without quoting them', async (_, user) => {
    const refused = authorization(kubeconfig(folder(), user));
    await expect(refused).rejects.toThrow(/^(?!.*secret).*holds what no header takes/s);
  });

  test('that are no certificates are refused', async () => {
    const garbage = Buffer.from('garbage').toString('base64');
    const user = { 'client-certificate-data': garbage, 'client-key-data': garbage };
    const connection = await loadConnection({ kubeconfig: kubeconfig(folder(), user) });
    await expect(connection.agent(1)).rejects.toThrow('its certificates cannot be used');
  });

  test('that cannot change are not asked for again', async () => {
    const { connection, first } = await authorization(kubeconfig(folder(), { token: 't' }));
    expect(first).toBe('Bearer t');
    expect(connection.renew(await connection.headers())).toBe(false);
  });
});

describe('files', () => {
  test('one of several may be missing; the first word counts', async () => {
    const [a, b] = [folder(), folder()];
    const files = [
      join(a, 'missing'),
      kubeconfig(a, { token: 'a' }),
      kubeconfig(b, { token: 'b' }),
    ];
    vi.stubEnv('KUBECONFIG', files.join(delimiter));
    const connection = await loadConnection({ context: 'x' });
    expect((await connection.headers())['Authorization']).toBe('Bearer a');
    rmSync(files[1] ?? '');
    const other = await loadConnection({ context: 'x' });
    expect((await other.headers())['Authorization']).toBe('Bearer b');
  });

  test('a context without a cluster spoils no other, and is named when it is meant', async () => {
    const contexts = [
      { name: 'bare', context: { user: 'u' } },
      { name: 'dangling', context: { cluster: 'gone', user: 'u' } },
      { name: 'x', context: { cluster: 'c', user: 'u' } },
    ];
    const path = kubeconfig(folder(), { token: 't' }, { contexts });
    expect((await loadConnection({ kubeconfig: path })).server).toBe('https://api.example:6443');
    const told = (context: string) =>
      loadConnection({ kubeconfig: path, context }).catch(({ message }: Error) => message);
    expect(await told('bare')).toBe('context "bare" names no cluster');
    expect(await told('dangling')).toMatch(/context "dangling" is of cluster "gone"/);
    expect(await told('absent')).toBe('the kubeconfig has no context "absent"');
    const none = kubeconfig(folder(), {}, { 'current-context': '' });
    const error = await loadConnection({ kubeconfig: none }).catch((caught: Error) => caught);
    expect((error as Error).message).toBe('the kubeconfig has no current context');
  });

  test('what is no kubeconfig is refused without quoting it', async () => {
    const path = join(folder(), 'config');
    for (const text of ['token: [ s3cret', '\u0000', 'null', '- s3cret', '"s3cret"']) {
      writeFileSync(path, text);
      const error = await loadConnection({ kubeconfig: path }).catch((caught: Error) => caught);
      expect((error as Error).name).toBe('ConnectionError');
      expect((error as Error).message).not.toContain('s3cret');
    }
  });

  test('a password in the address is refused, and not shown', async () => {
    const clusters = [{ name: 'c', cluster: { server: 'https://me:s3cret@api.example' } }];
    const path = kubeconfig(folder(), {}, { clusters });
    const error = await loadConnection({ kubeconfig: path }).catch((caught: Error) => caught);
    expect((error as Error).message).toMatch(/user or password in its URL/);
    expect((error as Error).message).not.toContain('s3cret');
  });
});

describe('a proxy', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', HTTP_PROXY: 'plain:80' };

  test.each<[string, string | undefined, Record<string, string>]>([
    ['https://api.example:6443', 'http://proxy:3128', {}],
    ['http://api.example', 'http://plain:80', {}],
    ['https://127.0.0.1:6443', undefined, {}],
    ['https://localhost:6443', undefined, {}],
    ['https://api.example:6443', undefined, { NO_PROXY: '*' }],
    ['https://api.example:6443', undefined, { NO_PROXY: 'other, example' }],
    ['https://api.example:6443', undefined, { no_proxy: '.example' }],
    ['https://example:6443', 'http://proxy:3128', { NO_PROXY: '.example' }],
    ['https://notexample:6443', 'http://proxy:3128', { NO_PROXY: 'example' }],
    ['https://api.example:6443', undefined, { NO_PROXY: 'api.example:6443' }],
    ['https://api.example:6443', 'http://proxy:3128', { NO_PROXY: 'api.example:443' }],
    ['https://10.1.2.3:6443', undefined, { NO_PROXY: '10.0.0.0/8' }],
    ['https://11.1.2.3:6443', 'http://proxy:3128', { NO_PROXY: '10.0.0.0/8,nonsense/99' }],
    ['https://[fd00::1]:6443', undefined, { NO_PROXY: 'fd00::/8' }],
  ])('before %s is %s (%o)', (server, expected, more) => {
    expect(proxyFor(server, { ...env, ...more })).toBe(expected);
  });

  test('of the environment is taken by a connection', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128');
    const connection = await loadConnection({ kubeconfig: kubeconfig(folder(), { token: 't' }) });
    const agent = await connection.agent(1);
    expect(JSON.stringify(agent, ['proxy', 'href', 'hostname', 'host'])).toContain('proxy.example');
  });
});
