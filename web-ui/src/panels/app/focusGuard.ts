import { type RefObject, useEffect, useRef } from "react";

/** A person who used the keyboard or pressed in the room within this time, in milliseconds, is still doing so. */
const ACTIVE_MS = 3_000;
/** A person who pressed a key in the room within this time presses in no app, even if the pointer rests on one. */
const TYPING_MS = 500;
/** Tab moves the focus into a frame within this time. */
const TAB_MS = 500;
/** An app may take the focus this often from an active person in one run. Each time the focus is given back. */
const THEFTS_MAX = 2;

/**
 * Decides whether the focus may move into the frame of an app. An app can take it at any time by a script, and would
 * then get what a person types for the room. Times are milliseconds of one clock.
 */
export class FocusGuard {
  #activeAt = Number.NEGATIVE_INFINITY;
  #keyAt = Number.NEGATIVE_INFINITY;
  #tabAt = Number.NEGATIVE_INFINITY;
  #thefts = 0;

  /** The person pressed a key, pressed the pointer, or put the focus somewhere in the room. */
  acted(now: number, key: string | null): void {
    if (key === "Tab") {
      this.#tabAt = now;
      return;
    }
    this.#activeAt = now;
    if (key !== null) this.#keyAt = now;
  }

  /** @param canPress whether the pointer is over the frame, or presses cannot be told from scripts */
  moved(now: number, canPress: boolean): "allowed" | "returned" | "stopped" {
    if (now - this.#tabAt < TAB_MS || now - this.#activeAt > ACTIVE_MS) return "allowed";
    if (canPress && now - this.#keyAt > TYPING_MS) return "allowed";
    this.#thefts += 1;
    return this.#thefts > THEFTS_MAX ? "stopped" : "returned";
  }
}

/** Gives the focus back when an app takes it from an active person in the room. */
export function useFocusGuard(frame: RefObject<HTMLIFrameElement | null>, onTheft: () => void): void {
  const latest = useRef(onTheft);
  latest.current = onTheft;
  useEffect(() => {
    const guard = new FocusGuard();
    let focused: HTMLElement | null =
      document.activeElement instanceof HTMLElement ? document.activeElement : null;
    let stopped = false;
    const giveBack = (): void => {
      if (focused?.isConnected) focused.focus();
    };
    const onAct = (event: Event): void => {
      guard.acted(performance.now(), event instanceof KeyboardEvent ? event.key : null);
      if (event.type === "focusin" && event.target instanceof HTMLElement && event.target !== frame.current)
        focused = event.target;
    };
    const check = (): void => {
      const taken = frame.current;
      if (taken === null || document.activeElement !== taken) return;
      const canPress = taken.matches(":hover") || matchMedia("(pointer: coarse)").matches;
      const verdict = guard.moved(performance.now(), canPress);
      if (verdict === "allowed") return;
      taken.blur();
      giveBack();
      if (verdict === "stopped") {
        stopped = true;
        latest.current();
      }
    };
    // During the event the document does not name the frame yet.
    let pending: ReturnType<typeof setTimeout> | undefined;
    const onBlur = (): void => {
      pending = setTimeout(check, 0);
    };
    const acts = ["keydown", "pointerdown", "focusin"];
    for (const type of acts) document.addEventListener(type, onAct, { capture: true });
    globalThis.addEventListener("blur", onBlur);
    return () => {
      for (const type of acts) document.removeEventListener(type, onAct, { capture: true });
      globalThis.removeEventListener("blur", onBlur);
      clearTimeout(pending);
      // The app may have had the focus when its frame was removed.
      if (stopped && document.activeElement === document.body) giveBack();
    };
  }, [frame]);
}
