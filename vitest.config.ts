import { defineConfig } from 'vitest/config';

const slow = process.env.GHM_SLOW_TESTS === '1';
const results = slow ? 'coverage/slow-tests.json' : 'coverage/tests.json';

export default defineConfig({
  test: {
    include: [slow ? 'test/**/*.slow.ts' : 'test/**/*.test.ts'],
    testTimeout: slow ? 600_000 : 60_000,
    hookTimeout: slow ? 600_000 : 60_000,
    // most tests wait for child processes: one test process a core, not one less
    maxWorkers: '100%',
    // a process for each file of tests would take a quarter of the time; what a test changes for all, it puts back
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    // .ci/run adds the counts of these files
    reporters: process.env.CI ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
});
