import { cpus, loadavg } from "node:os";

/** Prints what was measured, for whoever reads the log: on a busy machine a figure says more than passed or failed. */
export function measured(what: string, millis: readonly number[]): void {
  const shown = millis.map((one) => Math.round(one)).join(", ");
  process.stdout.write(`  measured: ${what}: ${shown} ms\n`);
}

/**
 * How much longer a thing may take here than on a machine with nothing else to do: the load for each core, at least 1. Bounds
 * are for the best of several tries, times this; without it a machine that does five things at once fails them all.
 */
export function busyness(): number {
  const load = (loadavg()[0] ?? 0) / cpus().length;
  process.stdout.write(`  measured: ${load.toFixed(1)} tasks for each core in the last minute\n`);
  return Math.max(1, load);
}

/** The value that so many of them (0 to 1) do not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
