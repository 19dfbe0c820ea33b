/**
 * `churn`: a share of the running VMs is deleted, and as many are made and started, round by round.
 * It stands for three steps beside each other: rounds of deletions, each followed by a wave of new
 * VMs, and that by a wave of starts. Who is deleted is not made again, a new VM of another number
 * is, so that each round is told apart; the oldest go first.
 */

import { z } from 'zod';
import { milestoneWord } from '../catalogue/milestone-marks.ts';
import { STEP_KINDS } from '../catalogue/step-kinds.ts';
import { duration, label, period, share } from '../core/values.ts';
import type { VmStep } from './scenario.ts';
import { budgets, name, type WaveDocument } from './step-fields.ts';
import type { StepPlace, StepState } from './step-kind.ts';
import { vmStep } from './step-vms.ts';
import { wantedVms } from './wanted-vms.ts';

const GOALS = STEP_KINDS.boot.goals.filter((goal) => goal !== 'reachable');

const schema = z
  .strictObject({
    name: name.optional(),
    template: label.describe('Key of a template whose VMs run.'),
    share: share.describe('Of the running VMs, each round; at least one.'),
    every: period.describe('A round begins at each such interval, whatever has completed.'),
    for: period.describe('Rounds begin for so long.'),
    until: z
      .enum(GOALS.map((goal) => milestoneWord(goal)))
      .default('guestReady')
      .describe('What the new VMs are started until.'),
    timeout: period.optional().describe('Of one operation. Default: by what it does.'),
    ramp: duration.optional().describe("Spreads a round's starts evenly. Default: 2s."),
    warmup: z
      .int()
      .min(0)
      .default(0)
      .describe('So many first rounds stay out of the headline figures and the test for drift.'),
    ...budgets,
  })
  .describe('VMs are deleted and made again in rounds; tells whether they get slower.');

export type ChurnDocument = z.output<typeof schema>;

export const churn = { schema, name: () => 'churn', resolve };

/** Its three steps, in the order in which each round takes them. */
function resolve(
  document: ChurnDocument,
  { name: called, path }: StepPlace,
  state: StepState,
): readonly VmStep[] {
  const { template, inventory } = { ...document, ...state };
  const [wanted] = wantedVms({ template }, path, state.templates, state.report);
  const running = inventory.inState(template, ['started']);
  if (wanted !== undefined && !state.doubtful && running.length === 0) {
    const message = `nothing to churn: none of template ${template} runs by then`;
    state.report([...path, 'template'], message, 'boot some before');
  }
  const rounds = Math.floor(document.for / document.every);
  if (rounds < 2) {
    const message = `${rounds} rounds tell nothing of a drift`;
    state.report([...path, 'for'], message, 'use at least twice as long as every');
  }
  const size = Math.max(1, Math.round(document.share * running.length));
  const fresh = inventory.deploy(template, size * rounds);
  const leaving = [...running, ...fresh].slice(0, size * rounds);
  inventory.move(template, fresh, 'started');
  inventory.move(template, leaving, 'deleted');
  const { errorBudget, waveErrorBudget, every, warmup, timeout, ramp } = document;
  const make = (
    kind: 'delete' | 'deploy' | 'boot',
    indices: readonly number[],
    pace: Partial<WaveDocument>,
  ): VmStep => {
    const wave = {
      size,
      warmup,
      timeout,
      ramp,
      until: milestoneWord(STEP_KINDS[kind].goals[0]),
      ...pace,
    };
    const asked = { order: 'sequential', wave, errorBudget, waveErrorBudget } as const;
    const place = { name: `${called}: ${kind}`, path };
    const step = vmStep(kind, asked, 'subresource', [{ template, indices }], place, state);
    state.beside = [...state.beside, step.name];
    return { ...step, churn: called };
  };
  return [
    make('delete', leaving, { every }),
    make('deploy', fresh, { after: `${called}: delete` }),
    make('boot', fresh, { after: `${called}: deploy`, until: document.until }),
  ];
}
