/**
 * The token of a service account, as the kubelet keeps it in a file and replaces it long before it
 * expires. The file is a link to a link, which the kubelet turns to another folder; so it is looked
 * at by what it is now, and read again when that has changed.
 */

import { readFileSync, statSync } from 'node:fs';
import { ConnectionError } from './connection.ts';

export interface TokenFile {
  /** The token of this moment; throws ConnectionError where there never was one. */
  read(): string;
  /** It was refused: the file is read again, whether it looks changed or not. */
  forget(): void;
}

const POD_REMEDY = 'does the pod mount a service account token (automountServiceAccountToken)?';

export function tokenFile(path: string, remedy = POD_REMEDY): TokenFile {
  let known: { readonly token: string; readonly state: string } | undefined;
  return {
    read() {
      try {
        const state = readFileState(path);
        if (known?.state !== state) known = { token: readToken(path), state };
      } catch (error) {
        // Between two links for a moment; the token that was good is good for minutes more.
        if (known === undefined) throw unreadable(path, error, remedy);
      }
      return known.token;
    },
    forget() {
      if (known !== undefined) known = { ...known, state: '' };
    },
  };
}

function readFileState(path: string): string {
  const { ino, mtimeMs, size } = statSync(path);
  return `${ino} ${mtimeMs} ${size}`;
}

function readToken(path: string): string {
  const token = readFileSync(path, 'utf8').trim();
  if (token === '') throw new Error('it is empty');
  return token;
}

function unreadable(path: string, error: unknown, remedy: string): ConnectionError {
  return new ConnectionError(`no token in ${path}: ${(error as Error).message}`, remedy);
}
