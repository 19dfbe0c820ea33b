/** What is damaged by kind, and what reads it: commands in this process, or a served cluster. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, type Rng } from '../../../src/core/rng.ts';
import { FILE_KINDS, type FileKind, fileFuzz } from './files.ts';
import { httpFuzz } from './http.ts';

export const FUZZ_KINDS = [...(Object.keys(FILE_KINDS) as FileKind[]), 'http'] as const;

export type FuzzKind = (typeof FUZZ_KINDS)[number];

export interface Fuzz {
  /** What went wrong with one input; undefined where all was well. */
  one(rng: Rng): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function prepareFuzz(kind: FuzzKind): Promise<Fuzz> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-fuzz-'));
  const close = async () => rmSync(folder, { recursive: true, force: true });
  return kind === 'http' ? httpFuzz(close) : { one: await fileFuzz(kind, folder), close };
}

export function fuzzOne(fuzz: Fuzz, seed: string): Promise<string | undefined> {
  return fuzz.one(createRng(seed));
}
