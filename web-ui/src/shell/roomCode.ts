import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { Later } from "../page/later";

/** The code that a room needs besides the page itself: most of the code. */
export const roomCode = new Later(() => import("./Entering"));

let ahead = false;

/** Starts to fetch it, and Automerge with it, before a room asks for it. */
export function fetchRoomAhead(): void {
  if (ahead) return;
  ahead = true;
  const link = document.createElement("link");
  link.rel = "preload";
  link.as = "fetch";
  link.crossOrigin = "anonymous";
  link.href = wasmUrl;
  document.head.append(link);
  roomCode.load();
}
