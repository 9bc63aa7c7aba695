import { defineConfig } from 'vitest/config'

const shared = {
  pool: 'forks',
  testTimeout: 20_000,
  hookTimeout: 20_000,
} as const

// `npm test` runs the first; `npm run faults` the second, which waits for time-outs of real servers.
export default defineConfig({
  test: {
    // One more than cores: many tests wait for a daemon, a server or a clock.
    maxWorkers: 3,
    projects: [
      { test: { ...shared, name: 'tests', include: ['tests/**/*.test.ts'], exclude: ['tests/faults/**'] } },
      { test: { ...shared, name: 'faults', include: ['tests/faults/**/*.test.ts'] } },
    ],
  },
})
