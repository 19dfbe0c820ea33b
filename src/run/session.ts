/** What every command gets: the machine, the screen, and a way to say how it ended. */

import type { ExitCode } from '../core/exit-code.ts';
import type { RunFolder } from '../record/layout.ts';
import type { Host, Output } from './host.ts';
import type { OpenTarget } from './setting.ts';

export interface Session {
  readonly host: Host;
  readonly screen: Screen;
  readonly openTarget: OpenTarget;
  /** May be called several times: the foremost code counts. */
  finish(...codes: readonly ExitCode[]): void;
  /** Keeps all other commands off a run until this one is over; throws where one is at it. */
  hold(folder: RunFolder): void;
}

export interface Screen {
  /** A result; with its newlines. */
  print(text: string): void;
  /** A line for a person. */
  tell(line: string): void;
  /** A line that the CI system around us is meant to read as a command. */
  command(line: string): void;
  /** Lines that the next `draw` or `tell` replaces; for terminals only. */
  draw(lines: readonly string[]): void;
  readonly out: Output;
  readonly err: Output;
  /** Whether escape codes for colour are welcome on this output. */
  colorOn(output: Output): boolean;
}
