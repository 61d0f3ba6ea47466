/** Prints what was measured, for whoever reads the log: on a busy machine a figure says more than passed or failed. */
export function measured(what: string, millis: readonly number[]): void {
  const shown = millis.map((one) => Math.round(one)).join(", ");
  process.stdout.write(`  measured: ${what}: ${shown} ms\n`);
}

/** The value that so many of them (0 to 1) do not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
