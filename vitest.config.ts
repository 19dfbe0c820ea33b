import { defineConfig } from 'vitest/config';

// biome-ignore lint: vitest reads the default export of its configuration file.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/own-temp-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
