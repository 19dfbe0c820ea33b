/**
 * Writes down each stage that an operation has come to. A resumed run learns the stages of before
 * anew from what was seen, and only those that the history lacks, since the session before was
 * killed between the two, are written then.
 */

import type { StageEntry } from '../record/entry.ts';
import type { Notebook } from '../record/notebook.ts';
import type { OnStage } from '../observe/outstanding.ts';

export interface StageLog {
  readonly onStage: OnStage;
  /** The history has it. */
  known(entry: StageEntry): void;
  /** What comes from now on is new. */
  goOn(): void;
}

export function stageLog(notebook: Pick<Notebook, 'write'>, recalls = false): StageLog {
  const pending = new Map<string, StageEntry>();
  let isRecalling = recalls;
  return {
    onStage(p, g, { atUs, lowerUs }) {
      const doubt = lowerUs === undefined ? {} : { l: lowerUs };
      const entry: StageEntry = { e: 'stage', t: atUs, p, g, ...doubt };
      if (isRecalling) pending.set(`${p}/${g}`, entry);
      else notebook.write(entry);
    },
    known: ({ p, g }) => void pending.delete(`${p}/${g}`),
    goOn() {
      isRecalling = false;
      for (const entry of pending.values()) notebook.write(entry);
      pending.clear();
    },
  };
}
