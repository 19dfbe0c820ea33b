import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/**
 * Where figures are compared that the wall clock makes: another worker would be in their way. Others
 * only wait for it, and pass on a busy machine too.
 */
const PACED = [
  'test/sim/host/{pace,article}.test.ts',
  'test/cli/observed-run.test.ts',
  'test/observe/{crowd,history-size}.test.ts',
];

/** They stand in for modules that others have loaded by then. */
const MOCKING = [
  'test/record/run-lock-race.test.ts',
  'test/catalogue/new-metric.test.ts',
  'test/cli/gate.test.ts',
];

// biome-ignore lint: vitest reads the default export of its configuration file.
export default defineConfig({
  test: {
    // Against what hangs, not against what is slow: a campaign takes a minute on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    sequence: { sequencer: LongestFirst },
    // Loading all modules anew for each of 340 files takes as long as the tests themselves.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: [...PACED, ...MOCKING],
          globalSetup: ['test/support/own-temp-folder.ts'],
          // For two cores: where files wait for processes and real clocks, others have the time.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'mocking',
          include: MOCKING,
          globalSetup: ['test/support/own-temp-folder.ts'],
          isolate: true,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'paced',
          include: PACED,
          globalSetup: ['test/support/own-temp-folder.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
