import { useEffect, useSyncExternalStore } from "react";
import { whenIdle } from "../page/idle";
import { LazyCode } from "../page/lazyCode";
import { useRoom } from "../room";
import { loadingTexts } from "../texts";

/** The code of the tools. The first question can be written before it has arrived. */
const tools = new LazyCode(() => import("./ToolsOfPanels"));

/**
 * The tools that work in all panels. Their code is loaded when the room is visible and the page is idle. After a failure,
 * a notice offers to load it again.
 */
export function RoomTools() {
  const room = useRoom();
  const code = useSyncExternalStore(tools.subscribe, tools.get);
  useEffect(() => whenIdle(tools.load), []);
  useEffect(() => {
    if (code === "failed")
      room.notify(loadingTexts.partFailed, { label: loadingTexts.tryAgain, run: tools.load });
  }, [code, room]);
  return code === null || code === "loading" || code === "failed" ? null : <code.ToolsOfPanels />;
}
