/** Why a file could not be written or read, in words for whoever owns the disk. */

import { safeTable } from './table.ts';

const WORDS = safeTable<string>({
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'no more of the file is allowed',
  EROFS: 'the disk is read-only',
  EACCES: 'not allowed to write there',
  EPERM: 'not allowed to write there',
  EMFILE: 'too many files are open (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the disk fails',
  EISDIR: 'a folder is in the place of the file',
  ENOTDIR: 'a file is in the place of a folder',
  ENOENT: 'there is no such folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
  EBUSY: 'something else uses it',
});

/** `PATH: the disk is full (ENOSPC)`; undefined where it is no trouble of a file. */
export function explainDisk(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  const words = WORDS[code];
  if (words === undefined || /^(connect|getaddrinfo|listen|bind|spawn)/.test(syscall)) {
    return undefined;
  }
  return `${path === undefined ? '' : `${path}: `}${words} (${code})`;
}

/** As `explainDisk`, without the path: for a message that names it. */
export function fileTrouble(error: unknown): string {
  const { path } = error as NodeJS.ErrnoException;
  const words = explainDisk(error);
  if (words === undefined) return error instanceof Error ? error.message : String(error);
  return path === undefined ? words : words.slice(path.length + 2);
}

/** Trouble that a person has to mend elsewhere than on the command line. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENFILE'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
}
