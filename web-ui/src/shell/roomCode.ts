import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { LazyCode } from "../page/lazyCode";

/** The code that only a room needs, which is most of the page's code. It is loaded on demand. */
export const roomCode = new LazyCode(() => import("./Entering"));

let prefetched = false;

/** Starts to load the room's code and Automerge before they are needed. */
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
