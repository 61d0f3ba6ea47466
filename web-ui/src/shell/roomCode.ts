import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { LazyCode } from "../page/lazyCode";

/** The code that a room needs besides the page itself: most of the code. */
export const roomCode = new LazyCode(() => import("./Entering"));

let prefetched = false;

/** Starts to fetch it, and Automerge with it, before a room asks for it. */
export function prefetchRoomCode(): void {
  if (prefetched) return;
  prefetched = true;
  const link = document.createElement("link");
  link.rel = "preload";
  link.as = "fetch";
  link.crossOrigin = "anonymous";
  link.href = wasmUrl;
  document.head.append(link);
  roomCode.load();
}
