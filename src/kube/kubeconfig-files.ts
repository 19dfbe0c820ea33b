/**
 * Kubeconfig files as kubectl reads them: several of them merged, the first word counts, a file
 * that is missing among several is no error, and paths in a file are relative to that file.
 */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { env } from 'node:process';
import { parse } from 'yaml';
import { deepOffset } from '../core/yaml-depth.ts';
import { KEYS_UNCHECKED } from '../core/yaml-keys.ts';
import { ConnectionError } from './connection.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ExecFields {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
}

/** What one context stands for, in the words of the kubeconfig. */
export interface ChosenContext {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly cluster: Fields;
  readonly user: Fields;
  readonly tokenFile: string | undefined;
  readonly exec: ExecFields | undefined;
}

/** `path`: of --kubeconfig; KUBECONFIG, else ~/.kube/config where undefined. */
export function chooseContext(path: string | undefined, asked: string | undefined): ChosenContext {
  const files = readFiles(path);
  const current = files.map((file) => file['current-context']).find(Boolean);
  const name = asked ?? (typeof current === 'string' ? current : undefined);
  const contexts = namedEntries(files, 'contexts');
  const names = [...contexts.keys()].join(', ') || 'none';
  if (name === undefined) {
    throw new ConnectionError(
      'the kubeconfig has no current context',
      `name one with --context; it has: ${names}`,
    );
  }
  const entry = contexts.get(name);
  if (entry === undefined) {
    throw new ConnectionError(`the kubeconfig has no context "${name}"`, `it has: ${names}`);
  }
  const context = fieldsIn(entry, 'context');
  const cluster = clusterOf(files, name, textIn(context, 'cluster'));
  const user = userOf(files, textIn(context, 'user'));
  return {
    name,
    namespace: textIn(context, 'namespace'),
    cluster,
    user,
    tokenFile: textIn(user, 'tokenFile') ?? textIn(user, 'token-file'),
    exec: execOf(user),
  };
}

function clusterOf(files: readonly Fields[], context: string, name: string | undefined): Fields {
  if (name === undefined) {
    throw new ConnectionError(
      `context "${context}" names no cluster`,
      'name another context with --context, or give this one a cluster',
    );
  }
  const clusters = namedEntries(files, 'clusters');
  const cluster = fieldsIn(clusters.get(name), 'cluster');
  if (textIn(cluster, 'server') !== undefined) return cluster;
  const has = [...clusters.keys()].join(', ') || 'none';
  throw new ConnectionError(
    `context "${context}" is of cluster "${name}", which the kubeconfig gives no server`,
    `name another context with --context; clusters: ${has}`,
  );
}

/** Nobody in particular where the context names no user. */
function userOf(files: readonly Fields[], name: string | undefined): Fields {
  if (name === undefined) return {};
  const users = namedEntries(files, 'users');
  if (users.has(name)) return fieldsIn(users.get(name), 'user');
  throw new ConnectionError(
    `the kubeconfig has no user "${name}"`,
    `it has: ${[...users.keys()].join(', ') || 'none'}`,
  );
}

function execOf(user: Fields): ExecFields | undefined {
  const exec = fieldsIn(user, 'exec');
  const command = textIn(exec, 'command');
  if (command === undefined) return undefined;
  const variables = listIn(exec, 'env').map((each) => {
    return [textIn(each, 'name') ?? '', textIn(each, 'value') ?? ''] as const;
  });
  const args = exec['args'];
  return {
    command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(variables),
    apiVersion: textIn(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
  };
}

function readFiles(path: string | undefined): readonly Fields[] {
  if (path !== undefined) {
    const only = readFile(path);
    if (only !== undefined) return [only];
    throw new ConnectionError(`there is no kubeconfig ${path}`, 'check --kubeconfig');
  }
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((each) => each !== '');
  const paths = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  const files = paths.map(readFile).filter((file) => file !== undefined);
  if (files.length > 0) return files;
  const where = named.length > 0 ? `KUBECONFIG: ${paths.join(', ')}` : (paths[0] ?? '');
  throw new ConnectionError(`there is no kubeconfig (${where})`, 'name one with --kubeconfig');
}

/** Undefined where there is no such file; its paths are absolute afterwards. */
function readFile(path: string): Fields | undefined {
  let content: unknown;
  try {
    const text = readFileSync(path, 'utf8');
    content = deepOffset(text) === undefined ? parse(text, KEYS_UNCHECKED) : undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    // YAML's own words quote the file, which holds secrets.
    const why = code === undefined || !/^E[A-Z]+$/.test(code) ? 'it is no YAML' : message;
    throw new ConnectionError(`the kubeconfig ${path} cannot be read: ${why}`, CHECK);
  }
  if (!isFields(content)) {
    throw new ConnectionError(`the kubeconfig ${path} cannot be read: it has no fields`, CHECK);
  }
  const folder = dirname(resolve(path));
  return {
    ...content,
    clusters: listIn(content, 'clusters').map((each) => ({
      ...each,
      cluster: withPaths(fieldsIn(each, 'cluster'), folder, ['certificate-authority']),
    })),
    users: listIn(content, 'users').map((each) => {
      const user = withPaths(fieldsIn(each, 'user'), folder, USER_PATHS);
      const exec = fieldsIn(user, 'exec');
      const command = textIn(exec, 'command');
      // A bare name is looked up in PATH; anything else is a path.
      if (command === undefined || !/[\\/]/.test(command)) return { ...each, user };
      return { ...each, user: { ...user, exec: withPaths(exec, folder, ['command']) } };
    }),
  };
}

const CHECK = 'check --kubeconfig and KUBECONFIG';

const USER_PATHS = ['client-certificate', 'client-key', 'tokenFile', 'token-file'];

function withPaths(fields: Fields, folder: string, keys: readonly string[]): Fields {
  const absolute = keys.flatMap((key) => {
    const path = textIn(fields, key);
    return path === undefined || isAbsolute(path) ? [] : [[key, join(folder, path)] as const];
  });
  return { ...fields, ...Object.fromEntries(absolute) };
}

/** Entries by name, of all files; the first of a name counts. */
function namedEntries(files: readonly Fields[], key: string): ReadonlyMap<string, Fields> {
  const entries = new Map<string, Fields>();
  for (const entry of files.flatMap((file) => listIn(file, key))) {
    const name = textIn(entry, 'name');
    if (name !== undefined && !entries.has(name)) entries.set(name, entry);
  }
  return entries;
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function fieldsIn(fields: Fields | undefined, key: string): Fields {
  const value = fields?.[key];
  return isFields(value) ? value : {};
}

function listIn(fields: Fields, key: string): readonly Fields[] {
  const value = fields[key];
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function textIn(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
