/** How a run ended and whether its figures hold, in a line; and what to do where they do not. */

import { safeTable } from '../../core/table.ts';
import type { MissGroup } from '../../analyse/misses.ts';
import type { MissClass } from '../../record/miss-class.ts';
import type { StatusFact } from '../facts/run-facts.ts';
import { firstSentence, plainText } from '../../core/plain-text.ts';
import { UNFINISHED } from './labels.ts';
import { countText, percentText } from './numbers.ts';

/** `complete and valid`, `INVALID: ...`, `PARTIAL: ...`; with the exit code where one is given. */
export function statusText(status: StatusFact, exitCode = 0): string {
  const { outcome, invalid } = status;
  const ended = outcome === 'complete' ? [] : [`${outcome.toUpperCase()}: ${whyText(status)}`];
  const flawed = invalid.length === 0 ? [] : [`INVALID: ${invalid.join('; ')}`];
  const text = [...flawed, ...ended].join('; ') || 'complete and valid';
  return exitCode === 0 ? text : `${text} (exit code ${exitCode})`;
}

/** What to do, where something is to be done and it is known what; for a line of its own. */
export function remedyText(status: StatusFact): string | undefined {
  const { remedies, mainMiss, reason, outcome, isObserved } = status;
  const ofRun =
    outcome !== 'complete' && reason === 'interrupted'
      ? isObserved
        ? []
        : ['`bench resume` goes on with it, unless it was cleaned up']
      : mainMiss === undefined
        ? []
        : [MISS_REMEDIES[mainMiss.class]].filter((text) => text !== undefined);
  const all = [...remedies, ...ofRun];
  return all.length === 0 ? undefined : all.join('; ');
}

/** `INVALID`, for where there is no room for reasons; undefined where figures hold. */
export function invalidText({ invalid }: StatusFact): string | undefined {
  return invalid.length === 0 ? undefined : `INVALID: ${invalid.join('; ')}`;
}

/** `760 of boot rhel9 (25.3 %) timed out, ErrorUnschedulable: 108 Insufficient memory`. */
export function missText(miss: MissGroup): string {
  const { step, n, share, how, class: found, reason, example } = miss;
  const what = how === 'failed' ? 'failed' : (ENDINGS[reason] ?? UNFINISHED);
  const why = found === 'CutOff' ? '' : `, ${found}`;
  const said = example.message === undefined ? '' : `: ${firstSentence(example.message)}`;
  return `${countText(n)} of ${step} (${percentText(share)}) ${what}${why}${said}`;
}

const ENDINGS = safeTable<string>({
  Timeout: 'timed out',
  NotSent: 'not sent in time',
  Interrupted: 'interrupted',
  Aborted: 'aborted',
  Deleted: 'deleted by others',
});

function whyText({ reason, mainMiss }: StatusFact): string {
  const ended = reason === undefined ? undefined : plainText(reason);
  if (mainMiss === undefined || ended === 'interrupted') return ended ?? 'not all was done';
  if (!ended?.includes(mainMiss.class)) {
    return [ended, missText(mainMiss)].filter((text) => text !== undefined).join('; ');
  }
  const { message } = mainMiss.example;
  const said = message === undefined ? '' : firstSentence(message);
  return said === '' || ended.includes(said) ? ended : `${ended}: ${said}`;
}

const MISS_REMEDIES: Readonly<Partial<Record<MissClass, string>>> = {
  ErrorUnschedulable: 'free or add capacity, or ask for fewer VMs; `bench preflight` counts',
  QuotaExceeded: 'raise the quota, or ask for less',
  NamespaceDeleted: 'find out who deletes the namespace, or have the run make its own',
  AdmissionDenied: 'change the template so that admission takes it',
  Forbidden: 'give the account that right; `bench preflight` names it',
  ErrImagePull: 'make the image available to the nodes',
  PausedIOError: 'look at the storage behind the disks: it is full, or answers with errors',
  SourceInUse: 'stop what uses the source of the clones, or clone from a snapshot',
  SourceMissing: 'make the source of the clones first, or name another one',
  SourceUnfit: 'make the targets as large as their source, of the same volume mode',
  NameTaken: 'remove the object of that name, or choose another namespace',
  WaitForFirstConsumer: 'set bindImmediately: true, or start the VMs that use the disks',
  ClaimUnbound: 'look at the storage class and its provisioner',
  NodeLost: 'look at the node that went',
  ErrorPvcNotFound: 'create the claim that the template names, or deploy it first',
  NotSent: 'raise the in-flight cap, or release waves farther apart',
  Slow: 'allow more time (`timeout`), or find out where it goes: see the longest stage',
};
