import { useEffect, useRef, useState } from "react";
import { type Result, useLiveText, useResults, useWindows } from "../../room";
import { type AppLanguage, announcedLanguage } from "./blocks";
import { dropSpareFrame, kindOf, prepareSpareFrame } from "./spareFrame";

/** A frame that no app took is removed after this time, in milliseconds. It uses the memory of a process. */
const UNUSED_MS = 60_000;

/**
 * Loads a frame for an app while an answer that has one is still written. In a room with apps, the next answer is likely
 * to have one, so the frame is loaded from the beginning of the answer. Shows nothing.
 */
export function AppPreparation() {
  const running = useResults().findLast(({ status }) => status === "running");
  return running === undefined ? null : <Preparation key={running.request} running={running} />;
}

let dropping: ReturnType<typeof setTimeout> | undefined;

function Preparation({ running }: { readonly running: Result }) {
  const text = useLiveText(running);
  const hasApps = useWindows().some(({ type }) => type === "app");
  const searched = useRef(0);
  const [announced, setAnnounced] = useState<AppLanguage | null>(null);
  useEffect(() => {
    // The lines of a long answer are not searched again and again.
    const found = announcedLanguage(text.slice(searched.current));
    setAnnounced((before) => before ?? found);
    searched.current = text.lastIndexOf("\n") + 1;
  }, [text]);
  const expected = announced ?? (hasApps ? "jsx" : null);
  const kind = expected === null ? null : kindOf(expected);
  useEffect(() => {
    if (kind === null) return;
    clearTimeout(dropping);
    void prepareSpareFrame(kind);
    return () => {
      dropping = setTimeout(dropSpareFrame, UNUSED_MS);
    };
  }, [kind]);
  return null;
}
