import type { ComponentProps } from "react";
import { whenIdle } from "../page/idle";
import { LazyCode, useLazyCode } from "../page/lazyCode";
import { useResults } from "../room";
import type { OpenAsApp } from "./app/OpenAsApp";

/** The code of apps, which a new room has none of. */
export const appParts = new LazyCode(() => import("./app/parts"));

/** Fetches the code of apps when the page is idle. */
export const prefetchAppParts = (): (() => void) => whenIdle(appParts.load);

/** The button of a code block that can run. It appears when its code has arrived. */
export function LaterOpenAsApp(props: ComponentProps<typeof OpenAsApp>) {
  const code = useLazyCode(appParts);
  return code === null || code === "failed" ? null : <code.OpenAsApp {...props} />;
}

/** Prepares a frame for an app while an answer is written. Shows nothing. */
export function AppPreparation() {
  const isRunning = useResults().some(({ status }) => status === "running");
  return isRunning ? <RunningPreparation /> : null;
}

function RunningPreparation() {
  const code = useLazyCode(appParts);
  return code === null || code === "failed" ? null : <code.AppPreparation />;
}
