/** What the catalogue of milestones says, by the questions that are asked of it. */

import { type Mark, type Milestone, type MilestoneFacts, MILESTONES } from './milestones.ts';

const FACTS: Readonly<Record<Milestone, MilestoneFacts>> = MILESTONES;

const NAMES = Object.keys(MILESTONES) as readonly Milestone[];

export function milestoneFacts(milestone: Milestone): MilestoneFacts {
  return FACTS[milestone];
}

/** Undefined where no value of an object reaches it. */
export function findMark(milestone: Milestone): Mark | undefined {
  const { reached } = FACTS[milestone];
  return typeof reached === 'string' ? undefined : reached;
}

/** Every mark once. */
export const MARKS: readonly Mark[] = [...new Set(NAMES.flatMap((name) => findMark(name) ?? []))];

/** Milestones that an object of each kind is for. */
export const PURPOSES: Readonly<Partial<Record<string, Milestone>>> = Object.fromEntries(
  NAMES.flatMap((name) => {
    const mark = findMark(name);
    return mark !== undefined && FACTS[name].isPurpose ? [[mark.kind, name] as const] : [];
  }),
);

/** It is a state of a running VM: what a boot leads to. */
export function isOfBoot(milestone: Milestone): boolean {
  return FACTS[milestone].of === 'vmi' && findMark(milestone) !== undefined;
}

/** The deletion of such an object reaches it. */
export function isReachedByDeletion(of: MilestoneFacts['of'], milestone: Milestone): boolean {
  return FACTS[milestone].of === of && FACTS[milestone].reached === 'deletion';
}

/** What a scenario file calls the milestone. */
export type MilestoneWord = NonNullable<(typeof MILESTONES)[Milestone]['word']>;

/** `none` has one; a goal of a step has to have one. */
export function milestoneWord(milestone: Milestone): MilestoneWord {
  return (FACTS[milestone].word ?? 'none') as MilestoneWord;
}

export function milestoneCalled(word: MilestoneWord): Milestone {
  return NAMES.find((name) => FACTS[name].word === word) ?? 'none';
}
