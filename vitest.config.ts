import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Many tests wait for kernels and servers: on two cores two files at once take half the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A process and the modules anew for each file are half of the processor time of all.
    isolate: false,
  },
});
export default config;
