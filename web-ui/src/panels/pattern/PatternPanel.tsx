import { useEffect, useMemo, useRef, useState } from "react";
import { colorVar, guarded, type RoomWindow } from "../../room";
import { patternTexts } from "../../texts";
import { readSpec, waves } from "./wave";
import "./pattern.css";

const WIDTH = 296;
const HEIGHT = 120;

/** A pattern of moving waves. Only its seed, palette and speed are shared; every page draws it from them. */
export function PatternPanel({ window: shown }: { readonly window: RoomWindow }) {
  const spec = useMemo(() => readSpec(shown.props, shown.id), [shown.props, shown.id]);
  const seconds = useSeconds(spec.speed > 0);
  return (
    <svg
      className="pattern"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={patternTexts.patternSlowWavesSeed(spec.seed)}
    >
      {waves(spec, seconds, WIDTH, HEIGHT).map((wave, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a wave is identified by its place
        <path key={at} d={wave.d} style={{ stroke: colorVar(wave.color) }} />
      ))}
    </svg>
  );
}

/**
 * The seconds since midnight UTC, updated twelve times a second, so that all pages show the same picture. It does not
 * change if `moving` is false, if the reader prefers reduced motion, or while the page is hidden.
 */
function useSeconds(moving: boolean): number {
  const [seconds, setSeconds] = useState(0);
  const last = useRef(0);
  useEffect(() => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)");
    let frame = 0;
    const tick = guarded("patterns", (at: number) => {
      if (at - last.current > 83) {
        last.current = at;
        setSeconds((Date.now() % 86_400_000) / 1000);
      }
      frame = requestAnimationFrame(tick);
    });
    const start = () => {
      cancelAnimationFrame(frame);
      if (moving && !still.matches) frame = requestAnimationFrame(tick);
    };
    start();
    still.addEventListener("change", start);
    return () => {
      cancelAnimationFrame(frame);
      still.removeEventListener("change", start);
    };
  }, [moving]);
  return seconds;
}
