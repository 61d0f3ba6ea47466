/** A cost such as "$0.0012" or "$1.20"; below a hundredth of a cent "less than $0.0001". */
export function moneyText(micros: number): string {
  if (micros <= 0) return "$0";
  if (micros < 100) return "less than $0.0001";
  const dollars = micros / 1_000_000;
  return `$${dollars.toFixed(dollars >= 0.1 ? 2 : 4)}`;
}
