/** What the shell is told; part of the command line's contract. */

export const EXIT = {
  ok: 0,
  /** A defect of bench, or the server lost on the way. */
  error: 1,
  regression: 2,
  /** Insufficient or invalid data. */
  invalid: 3,
  sloMissed: 4,
  /** Misses beyond the error budget, or aborted by it. */
  incomplete: 5,
  /** Anything the user can mend before something is created. */
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const PRIORITY: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.usage,
  EXIT.error,
  EXIT.invalid,
  EXIT.incomplete,
  EXIT.sloMissed,
  EXIT.regression,
  EXIT.ok,
];

/** The one that counts where several apply. */
export function foremost(codes: readonly ExitCode[]): ExitCode {
  return PRIORITY.find((code) => codes.includes(code)) ?? EXIT.ok;
}
