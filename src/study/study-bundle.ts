/**
 * The files of a study as a ConfigMap can hold them, with the folders that they name each other by.
 * A ConfigMap is read by many, so a file with a password in it does not go into one.
 */

import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { hideYamlSecrets } from '../core/yaml-secrets.ts';
import { UsageError } from '../core/usage-error.ts';
import { listNamedFiles, readSource } from '../scenario/load.ts';
import type { OpenStudy } from './open-study.ts';
import type { LoadedStudy } from './study-file.ts';

export interface BundledFile {
  /** Of the ConfigMap. */
  readonly key: string;
  /** Below where it is mounted. */
  readonly path: string;
  readonly text: string;
}

/** What etcd takes, with room for the object around it. */
const BUNDLE_BYTES_MAX = 1_000_000;

/** The study's file first. Throws UsageError where they cannot go into a ConfigMap. */
export function bundleStudy(
  file: string,
  { text, named, isShipped, question }: Omit<LoadedStudy, 'places'>,
  { tried }: OpenStudy,
): readonly [BundledFile, ...BundledFile[]] {
  const texts = new Map([[resolve(file), text]]);
  if (!isShipped) {
    const { scenario } = question;
    refuseAbsolute(file, named);
    const read = readSource(scenario);
    if ('text' in read) texts.set(resolve(scenario), read.text);
    for (const one of tried.flatMap((sets) => listNamedFiles(scenario, sets))) {
      refuseAbsolute(scenario, one.named);
      texts.set(resolve(one.file), one.text);
    }
  }
  for (const [path, content] of texts) refuseSecrets(path, content);
  const root = commonFolder([...texts.keys()]);
  const files = [...texts].map(([path, content], i) => ({
    key: `${i}-${basename(path).replaceAll(/[^-._A-Za-z0-9]/g, '_')}`,
    path: relative(root, path).split(sep).join('/'),
    text: content,
  }));
  const bytes = files.reduce((sum, each) => sum + Buffer.byteLength(each.text), 0);
  if (bytes > BUNDLE_BYTES_MAX) {
    throw new UsageError(
      `the files of the study are ${bytes} bytes; a ConfigMap takes ${BUNDLE_BYTES_MAX}`,
    );
  }
  return files as [BundledFile, ...BundledFile[]];
}

function refuseAbsolute(file: string, named: string): void {
  if (!isAbsolute(named)) return;
  throw new UsageError(`${file} names ${named}: in a pod only relative names lead somewhere`);
}

function refuseSecrets(path: string, text: string): void {
  const lines = text.split('\n');
  const hidden = hideYamlSecrets(text).split('\n');
  const at = lines.findIndex((line, i) => line !== hidden[i]);
  if (at < 0) return;
  throw new UsageError(
    `${path}:${at + 1} holds what looks like a password, and many may read a ConfigMap: take it ` +
      'out, or let cloud-init have it from a Secret (secretRef)',
  );
}

function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map((path) => dirname(path));
  let folder = first;
  while (!others.every((other) => other === folder || other.startsWith(`${folder}${sep}`))) {
    if (folder === dirname(folder)) return folder;
    folder = dirname(folder);
  }
  return folder;
}
