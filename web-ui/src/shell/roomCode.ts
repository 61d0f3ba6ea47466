import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { Later } from "../later";

/** What a room needs beside the page itself: most of the code. */
export const roomCode = new Later(() => import("./Entering"));

let ahead = false;

/** Begins to fetch it, and Automerge beside it, before anything has been asked for. */
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
