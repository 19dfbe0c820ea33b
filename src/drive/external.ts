/**
 * A program of the user's that is asked to do something to an object. It is asked again after a run
 * was killed before it had answered, so it has to be one that may be asked twice.
 */

import type { Answer } from './answer.ts';

export interface ExternalEnd {
  /** Undefined where it was killed, or could not be started. */
  readonly exitCode: number | undefined;
  /** The end of what it said, of errors first; bounded. */
  readonly said: string;
}

/** Runs it without a shell, and kills it where its time is over or the run stops. */
export type RunExternal = (command: readonly string[]) => Promise<ExternalEnd>;

export async function askExternal(
  run: RunExternal | undefined,
  command: readonly string[],
): Promise<Answer> {
  if (run === undefined) return { kind: 'rejected', code: 403, reason: 'NotAllowed', message: NO };
  const { exitCode, said } = await run(command);
  if (exitCode === 0) return { kind: 'accepted', code: 200 };
  const how = exitCode === undefined ? 'did not end by itself' : `ended with code ${exitCode}`;
  const message = [`${command[0]} ${how}`, said].filter(Boolean).join(': ');
  return { kind: 'rejected', code: 500, reason: 'ExternalFailed', message };
}

const NO = 'programs are run with --allow-exec alone';
