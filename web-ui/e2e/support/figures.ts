import { cpus, loadavg } from "node:os";

/**
 * Prints a measured value for readers of the log: on a busy machine the value says more than the outcome of the test.
 */
export function measured(what: string, millis: readonly number[]): void {
  const shown = millis.map((one) => Math.round(one)).join(", ");
  process.stdout.write(`  measured: ${what}: ${shown} ms\n`);
}

/**
 * How much longer an action may take here than on an idle machine: the load for each core, at least 1. A bound applies
 * to the best of several tries, multiplied by this factor. Without it all measured tests fail on a busy machine.
 */
export function busyness(): number {
  const load = (loadavg()[0] ?? 0) / cpus().length;
  process.stdout.write(`  measured: ${load.toFixed(1)} tasks for each core in the last minute\n`);
  return Math.max(1, load);
}

/** The quantile of the values: the share `part` (0 to 1) of them does not exceed it. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
