/** What the parts of a running measurement share: its tools, and the state of its operations. */

import PQueue from 'p-queue';
import { type Resource, SNAPSHOTS } from '../api/resources.ts';
import { invariant } from '../core/assert.ts';
import type { Verdict } from '../observe/expectation.ts';
import { createHostedObserver } from '../observe/hosted-observer.ts';
import { OBSERVED_KINDS } from '../observe/kinds.ts';
import { startObserver } from '../observe/observer.ts';
import type { WatchScope } from '../observe/streams.ts';
import { createClient } from '../kube/client.ts';
import type { Plan, PlannedOperation, PlannedStep } from '../plan/plan.ts';
import { type Notebook, openNotebook } from '../record/notebook.ts';
import { type CreatedObjects, createdObjects } from './created.ts';
import { createMissEvents, type MissEvents } from './miss-events.ts';
import type { Job } from './job.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type Lab, REQUESTS_MAX } from './lab.ts';
import { listProbes } from './expectation-of.ts';
import { type Past, recall } from './past.ts';
import { createKinds, type Kinds } from './kinds.ts';
import { createPulse } from './server-loss.ts';
import { type Session, stopOn } from './session.ts';
import { stageLog } from './stage-log.ts';
import { createStepCounts, type StepCounts } from './step-counts.ts';
import { createUndos, type Undos } from './undos.ts';
import { createWaveEnds, type WaveEnds } from './wave-ends.ts';

export interface Driver extends Session {
  readonly plan: Plan;
  /** Requests under way. */
  readonly queue: PQueue;
  /** Operations released and not over, by their id. */
  readonly jobs: Map<number, Job>;
  readonly created: CreatedObjects;
  /** What earlier sessions did, where the run is resumed. */
  readonly past: Past | undefined;
  readonly stepCounts: StepCounts;
  readonly waveEnds: WaveEnds;
  readonly undos: Undos;
  readonly kinds: Kinds;
  readonly missEvents: MissEvents;
  readonly metrics: Metrics;
}

export function createDriver(plan: Plan, lab: Lab): Driver {
  const notebook = openNotebook(lab.sink, lab.clock, lab.past?.elapsedUs);
  const pulse = createPulse(lab.transport, lab.clock);
  const client = createClient(pulse.transport, { onWarning: noteOnce(notebook, lab) });
  const jobs = new Map<number, Job>();
  const stop = stopOn(lab.signal);
  const verdicts = new Map<number, Verdict>();
  const onVerdict = (operation: number, verdict: Verdict) => {
    const job = jobs.get(operation);
    if (job) job.settle(verdict);
    else if (lab.past) verdicts.set(operation, verdict);
  };
  const created = createdObjects();
  const kinds = createKinds();
  const undos = createUndos();
  const told = { onVerdict, verdicts, created, kinds, undos };
  const { observer, past } = observe(plan, lab, { client, notebook, ...told });
  return {
    plan,
    lab,
    notebook,
    client,
    pulse,
    observer,
    queue: new PQueue({ concurrency: lab.requestsMax ?? REQUESTS_MAX }),
    jobs,
    created,
    past,
    stepCounts: createStepCounts(plan, () => notebook.nowUs(), lab.onProgress),
    waveEnds: createWaveEnds(),
    undos,
    stop,
    kinds,
    missEvents: createMissEvents({ lab, notebook, client }),
    metrics: createMetrics(plan, lab, notebook),
  };
}

/** What the server warns of goes into the history, and to whoever listens, each once. */
function noteOnce(notebook: Notebook, { onWarning }: Lab): (text: string) => void {
  const noted = new Set<string>();
  return (message) => {
    if (noted.has(message)) return;
    noted.add(message);
    notebook.write({ e: 'note', t: notebook.nowUs(), what: 'warning', message });
    onWarning?.(`the server warns: ${message}`);
  };
}

type Looking = Pick<Driver, 'client' | 'notebook' | 'created' | 'kinds' | 'undos'> & {
  readonly onVerdict: (operation: number, verdict: Verdict) => void;
  readonly verdicts: ReadonlyMap<number, Verdict>;
};

/** Looks on in this thread, or in another where the lab has one for it. */
function observe(plan: Plan, lab: Lab, looking: Looking): Pick<Driver, 'observer' | 'past'> {
  const { rng, watchHost, past, onWarning } = lab;
  const { namespace } = plan;
  const scope = makeScope(plan, lab);
  const isAsked = asksGuests(plan);
  invariant(!isAsked || lab.probe !== undefined, 'guests are to be asked, and there is no probe');
  const probe = isAsked ? lab.probe : undefined;
  if (watchHost === undefined) {
    invariant(past === undefined, 'a run is resumed without a watch host');
    const { onStage } = stageLog(looking.notebook);
    const observer = startObserver({
      ...lab,
      ...looking,
      onStage,
      onVmGone: looking.created.gone,
      namespace,
      scope,
      probe,
    });
    return { observer, past: undefined };
  }
  const { notebook, onVerdict, verdicts, created, kinds, undos } = looking;
  const seed = rng.fork('watching').integer(2 ** 32);
  const stages = stageLog(notebook, past !== undefined);
  const { onStage } = stages;
  const observer = createHostedObserver({
    host: watchHost,
    notebook,
    namespace,
    scope,
    seed,
    onVerdict,
    onStage,
    onVmGone: created.gone,
    probe: probe && { probe, clock: lab.clock },
    recalls: past !== undefined,
    onWarning,
  });
  const entries = past?.entries();
  const recalled =
    entries && recall({ plan, entries, observer, created, verdicts, kinds, stages, undos });
  stages.goOn();
  observer.start();
  return { observer, past: recalled };
}

function makeScope(plan: Plan, { watch }: Lab): WatchScope {
  const labels = Object.entries(plan.labels);
  // What a step asks of any object it watches by itself.
  const isElsewhere = someOperation(
    plan,
    ({ namespace, verb }) => namespace !== plan.namespace && verb !== 'apply' && verb !== 'act',
  );
  const isGoal = plan.steps.some((step) => step.kind !== 'pause' && step.until === 'addressed');
  return {
    namespace: isElsewhere ? undefined : plan.namespace,
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    kinds: listWatchedKinds(plan),
    tuning: watch,
    ...(isGoal || asksGuests(plan) ? { addresses: { isGoal } } : {}),
  };
}

function asksGuests({ steps }: Plan): boolean {
  return steps.some((step) => step.kind !== 'pause' && listProbes(step).length > 0);
}

/**
 * A cluster without snapshots may serve no such kind, and one that is yet to become a lab none of
 * KubeVirt's: listing them would never come to an end.
 */
function listWatchedKinds(plan: Plan): readonly string[] | undefined {
  if (someOperation(plan, ({ kind }) => kind === 'VolumeSnapshot')) return undefined;
  const watched = OBSERVED_KINDS.map(({ resource }) => resource);
  const others = watched.filter(({ plural }) => plural !== SNAPSHOTS.plural);
  const isOfVms = ({ group }: Resource) => group !== '';
  const ofVms = new Set(others.filter(isOfVms).map(({ kind }) => kind));
  const isAsked =
    someOperation(plan, ({ kind }) => ofVms.has(kind)) || plan.steps.some(isSelecting);
  return others.filter((each) => isAsked || !isOfVms(each)).map(({ plural }) => plural);
}

/** Of VMs, perhaps, or of their pods. */
function isSelecting(step: PlannedStep): boolean {
  return step.kind !== 'pause' && step.select !== undefined && step.select.of.kind === 'Pod';
}

/** What the run waits for; for the message of a run whose time stands still. */
export function describeWaits({ jobs, stepCounts }: Driver): string {
  const waiting = [...jobs.values()].slice(0, 5).map(({ operation }) => {
    return `${operation.verb} ${operation.kind} ${operation.name}`;
  });
  const rest = jobs.size > waiting.length ? ` and ${jobs.size - waiting.length} more` : '';
  return `${stepCounts.where()}: ${waiting.join(', ') || 'no operation'}${rest}`;
}

function someOperation({ steps }: Plan, is: (operation: PlannedOperation) => boolean): boolean {
  return steps.some(
    (step) => step.kind !== 'pause' && step.waves.some(({ operations }) => operations.some(is)),
  );
}
