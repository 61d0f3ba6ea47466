import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { include: ["acceptance/**/*.test.mjs"], fileParallelism: false, testTimeout: 3_000 },
})
