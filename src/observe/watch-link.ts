/**
 * What passes between a run and the thread that watches for it: plain values both ways. Only
 * entries leave the watching side; whose operation is settled by them is worked out where the
 * operations are.
 */

import type { LoopLag } from '../core/own-cost.ts';
import type { Entry } from '../record/entry.ts';
import type { StepWatch } from './step-watch.ts';
import type { Past } from './reducer.ts';
import type { WatchScope } from './streams.ts';

/** All that the watching side needs to know, beside a way to the cluster. */
export interface WatchOrder {
  readonly scope: WatchScope;
  /** The run's own namespace, which entries leave out. */
  readonly namespace: string;
  /** The run's start, by the clock that both sides share. */
  readonly originUs: number;
  readonly seed: number | string;
  readonly past?: Past | undefined;
}

export type ToWatcher =
  | { readonly do: 'watch'; readonly turn: number; readonly watch: StepWatch }
  | { readonly do: 'drain'; readonly turn: number }
  | { readonly do: 'stop' };

export type FromWatcher =
  /** In the order in which they were seen. */
  | { readonly is: 'seen'; readonly entries: readonly Entry[] }
  | { readonly is: 'synced' }
  /** A line for people. */
  | { readonly is: 'told'; readonly line: string }
  /** What this turn's request to watch is about has been listed. */
  | { readonly is: 'watching'; readonly turn: number }
  /** All that came before this turn's request to drain has been told. */
  | { readonly is: 'drained'; readonly turn: number; readonly cost: WatchCost }
  | { readonly is: 'broken'; readonly message: string };

/** What watching has cost so far. */
export interface WatchCost {
  readonly requests: number;
  readonly connections: number;
  /** Of the thread that watches, where it has one to itself. */
  readonly loopLagUs?: LoopLag;
}

/** The run's end of the link. */
export interface WatchPort {
  post(message: ToWatcher): void;
  /** Ends the watching side without ceremony. */
  close(): void;
}

/** Starts watching somewhere; messages come in order, never before this returns. */
export type WatchHost = (order: WatchOrder, onMessage: (message: FromWatcher) => void) => WatchPort;
