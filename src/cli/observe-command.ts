/** `bench observe --selector S`: measures a load that somebody else makes, and changes nothing. */

import type { CommandBody } from './command-body.ts';
import type { Argv } from 'yargs';
import { type Evaluation, observe, type Setting } from '../benchmark.ts';
import { formatDuration, MINUTE, SECOND } from '../core/duration.ts';
import type { ObserveScope } from '../drive/observe-load.ts';
import { withAccess } from './cluster-access.ts';
import { clusterName } from '../kube/connection.ts';
import type { ClusterAccess } from '../run/cluster-handle.ts';
import {
  type ConnectionArguments,
  connectionOptions,
  HASH_NAMES,
  LOST_AFTER,
  requiredConnection,
} from './connection-options.ts';
import { EXIT } from '../core/exit-code.ts';
import { lookAround } from '../run/look-around.ts';
import { askedByScope } from '../run/observe-scope.ts';
import { beginRun, checkRunId, stampedRunId } from '../run/new-run.ts';
import { once, period } from './options.ts';
import { conclude, perform, type ShowArguments } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';
import { showOptions } from './shared-options.ts';

interface ObserveArguments extends ConnectionArguments, ShowArguments {
  readonly selector: string;
  readonly namespace: string;
  readonly duration: number | undefined;
  readonly untilIdle: number | undefined;
  readonly timeout: number | undefined;
  readonly waveGap: number | undefined;
  readonly imageLabel: string | undefined;
  readonly runId: string | undefined;
  readonly hashNames: boolean;
  readonly lostAfter: number | undefined;
}

export function observeCommand(session: Session): CommandBody<ObserveArguments> {
  return {
    builder: options,
    handler: (args) => watch(session, args),
  };
}

const ALL = 'all';
const TIMEOUT_US = 15 * MINUTE;
const WAVE_GAP_US = 30 * SECOND;

function options(yargs: Argv): Argv {
  return rules(yargs)
    .option('selector', {
      type: 'string',
      demandOption: 'whose load? give a label selector with --selector',
      describe: 'Labels of the DataVolumes, VMIs and snapshots to measure',
      coerce: once('selector'),
    })
    .option('run-id', {
      type: 'string',
      describe: 'Name of the run [default: from the time]',
      coerce: once('run-id'),
    })
    .option('lost-after', LOST_AFTER)
    .option('hash-names', HASH_NAMES)
    .example(
      '$0 observe --selector app=mine --context prod',
      'until Ctrl-C, which ends it in good order (exit 130)',
    )
    .example(
      '$0 observe --selector app=mine --context prod --until-idle 5m',
      'until the load is over: nothing under way or told for five minutes',
    )
    .example(
      '$0 observe --selector kube-burner-job=dv --namespace load --duration 1h --context prod',
      'clones and boots that kube-burner makes in one namespace',
    )
    .epilogue(
      'What was there before is not measured. Exit codes: 0 measured; 3 nothing was created;\n' +
        '64 no such selector, no right to look; 1 server lost; 130, 143 interrupted.',
    );
}

/** What is measured, and for how long. */
function rules(yargs: Argv): Argv {
  return connectionOptions(showOptions(yargs))
    .option('namespace', {
      type: 'string',
      default: ALL,
      describe: 'Namespace to look at, or all',
      coerce: once('namespace'),
    })
    .option('duration', {
      type: 'string',
      describe: 'Watch for so long [default: until Ctrl-C]',
      coerce: period('duration'),
    })
    .option('until-idle', {
      type: 'string',
      describe: 'Once the load has begun: until nothing was under way or told for so long',
      coerce: period('until-idle'),
    })
    .option('timeout', {
      type: 'string',
      describe: 'An object that takes longer counts as missed [default: 15m]',
      coerce: period('timeout'),
    })
    .option('wave-gap', {
      type: 'string',
      describe: 'Creations further apart than this are of two waves [default: 30s]',
      coerce: period('wave-gap'),
    })
    .option('image-label', {
      type: 'string',
      describe: 'Label whose value names the image [default: what the root disk is cloned from]',
      coerce: once('image-label'),
    });
}

async function watch(session: Session, args: ObserveArguments): Promise<void> {
  checkRunId(args.runId);
  const choice = requiredConnection(args);
  await withAccess(session, choice, async (access) => {
    const kinds = await lookAround(session, access, describeScope(args));
    if (kinds !== undefined) await observeInto(session, args, access, makeScope(args, kinds));
  });
}

function describeScope({ selector, namespace }: ObserveArguments) {
  return { selector, namespace: namespace === ALL ? undefined : namespace };
}

function makeScope(args: ObserveArguments, kinds: readonly string[]): ObserveScope {
  return {
    ...describeScope(args),
    kinds,
    imageLabel: args.imageLabel,
    timeoutUs: args.timeout ?? TIMEOUT_US,
    waveGapUs: args.waveGap ?? WAVE_GAP_US,
    durationUs: args.duration,
    idleUs: args.untilIdle,
  };
}

/** Statistics that resample are seeded; there is nothing else to be random about. */
const SEED = 1;

async function observeInto(
  session: Session,
  args: ObserveArguments,
  access: ClusterAccess,
  scope: ObserveScope,
): Promise<void> {
  const { screen } = session;
  const { hashNames, lostAfter: lostAfterUs } = args;
  const runId = args.runId ?? stampedRunId(access.clock.wallUs());
  const target = await session.openTarget(undefined, {
    seed: SEED,
    access,
    hashNames,
    lostAfterUs,
  });
  const asked = askedByScope(scope);
  const { folder, manifest } = beginRun(session, {
    runId,
    asked,
    target,
    args: { ...args, keep: true },
  });
  screen.tell(`run ${runId}: observing ${scopeText(scope, access)}`);
  const start = (listened: Setting) => observe(scope, folder, listened);
  const performance = { start, folder, target, manifest };
  const measurement = await perform(session, args, performance);
  if (measurement === undefined) return;
  const evaluation = await conclude(session, args, performance, measurement);
  if (evaluation) tellIfEmpty(session, scope, evaluation);
  screen.tell(`results: ${folder.path}`);
}

function scopeText(
  { selector, namespace, durationUs, idleUs }: ObserveScope,
  access: ClusterAccess,
): string {
  const where = namespace === undefined ? 'all namespaces' : `namespace ${namespace}`;
  const ends = [
    ...(durationUs === undefined ? [] : [`for ${formatDuration(durationUs)}`]),
    ...(idleUs === undefined ? [] : [`until idle for ${formatDuration(idleUs)}`]),
  ];
  const until = ends.length === 0 ? 'until Ctrl-C' : ends.join(', or ');
  return `'${selector}' in ${where} of ${clusterName(access.connection)}, ${until}`;
}

function tellIfEmpty(
  { screen, finish }: Session,
  { selector }: ObserveScope,
  { run }: Evaluation,
): void {
  if (run.operations.length > 0) return;
  screen.tell(`bench: nothing that '${selector}' selects was created meanwhile`);
  if (hasVms(run)) {
    screen.tell(
      '  -> VMs are selected, their VMIs and disks are not: put the label into the ' +
        "VM's spec.template.metadata.labels and dataVolumeTemplates[].metadata.labels too",
    );
  }
  finish(EXIT.invalid);
}

function hasVms({ objects }: Evaluation['run']): boolean {
  for (let object = 0; object < objects.size; object++) {
    if (objects.kindOf(object) === 'VirtualMachine') return true;
  }
  return false;
}
