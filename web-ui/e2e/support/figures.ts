/** Prints measured values. */
export function measured(what: string, millis: readonly number[]): void {
  const shown = millis.map((one) => Math.round(one)).join(", ");
  process.stdout.write(`  measured: ${what}: ${shown} ms\n`);
}

/** The quantile of the values: the share `part` (0 to 1) of them does not exceed it. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
