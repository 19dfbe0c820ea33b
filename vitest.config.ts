import { defineConfig } from 'vitest/config';

/** Where time is the wall clock's: sockets, processes, a browser. Another worker would be in the way. */
const ON_THE_WALL_CLOCK = [
  'test/{cli,conformance,deploy,observe,kube}/**/*.test.ts',
  'test/report/{html,png}/**/*.test.ts',
  'test/sim/host/**/*.test.ts',
  'test/sim/apiserver/{https,custom,wire}/**/*.test.ts',
  'test/sim/apiserver/hostile-clients.test.ts',
];

// biome-ignore lint: vitest reads the default export of its configuration file.
export default defineConfig({
  test: {
    // Against what hangs, not against what is slow: a campaign takes a minute on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'virtual time',
          include: ['test/**/*.test.ts'],
          exclude: ON_THE_WALL_CLOCK,
          globalSetup: ['test/support/own-temp-folder.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'wall clock',
          include: ON_THE_WALL_CLOCK,
          globalSetup: ['test/support/own-temp-folder.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
