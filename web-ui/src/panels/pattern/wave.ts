import { str } from "../../room/schema/scalars";
import { hash32 } from "../hand/shuffle";

/** The parameters of a pattern. `palette` has numbers of people colours, `speed` is from 0 to 4. */
export type PatternSpec = {
  readonly seed: string;
  readonly palette: readonly number[];
  readonly speed: number;
};

/** One wave: the number of its colour, and its SVG path. */
export type Wave = { readonly color: number; readonly d: string };

const WAVES = 14;
const STEP = 6;

/** The palettes to choose from. Each is one scalar in the document, so that two concurrent choices never mix. */
export const PALETTES: readonly string[] = ["7 2 8 3", "1 5 12 6", "4 11 9 5", "10 3 6 8"];

/** Reads the parameters of a pattern window; an invalid value becomes the default. */
export function readSpec(props: Readonly<Record<string, unknown>>, fallbackSeed: string): PatternSpec {
  const { palette, speed } = props;
  const seed = typeof props.seed === "number" ? String(props.seed) : str(props.seed) || fallbackSeed;
  const colors = (Array.isArray(palette) ? palette : str(palette).split(" "))
    .map(Number)
    .filter((n) => Number.isInteger(n) && n >= 1 && n <= 12);
  const rate = Number(speed ?? 1);
  return {
    seed,
    palette: colors.length > 0 ? colors : [7, 2, 8, 3],
    speed: Number.isFinite(rate) ? Math.max(0, Math.min(4, rate)) : 1,
  };
}

/** Computes the waves at one moment. The result depends on the arguments only, so all peers see the same picture. */
export function waves(spec: PatternSpec, seconds: number, width: number, height: number): Wave[] {
  const shape = hash32(spec.seed);
  const long = 24 + (shape % 19);
  const short = 9 + ((shape >>> 8) % 9);
  const drift = ((shape >>> 16) % 628) / 100;
  const t = seconds * spec.speed * 0.35;
  return Array.from({ length: WAVES }, (_, k) => {
    const base = (height * (k + 1)) / (WAVES + 1);
    let d = "";
    for (let x = -STEP; x <= width + STEP; x += STEP) {
      const y =
        base + 6 * Math.sin(x / long + k * 0.55 + drift + t) + 4 * Math.sin(x / short - k * 0.8 - t * 1.6);
      d += `${d === "" ? "M" : "L"}${x} ${y.toFixed(1)}`;
    }
    return { color: spec.palette[k % spec.palette.length] ?? 7, d };
  });
}
