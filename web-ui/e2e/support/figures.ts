/** Prints measured times. */
export function printFigures(name: string, millis: readonly number[]): void {
  const rounded = millis.map((value) => Math.round(value)).join(", ");
  process.stdout.write(`  measured: ${name}: ${rounded} ms\n`);
}

/** The smallest value that at least this fraction (0 to 1) of the values does not exceed. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
}
