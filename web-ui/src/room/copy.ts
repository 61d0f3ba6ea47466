import * as A from "@automerge/automerge/slim";
import type { RoomDoc } from "./schema/document";
import { readTitle } from "./schema/read";
import type { RoomSession } from "./session";

/** Downloads the local document with its whole history as an `.automerge` file. It works without the server. */
export function saveCopy(room: RoomSession): void {
  const doc = room.handle.doc();
  saveFile(
    `${fileNameOf(doc)}.automerge`,
    new Blob([A.save(doc) as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }),
  );
}

/** The room's title without characters that file names may not contain. */
export function fileNameOf(doc: RoomDoc): string {
  return (
    readTitle(doc)
      .replace(/[^\p{L}\p{N} _-]+/gu, "")
      .trim() || "room"
  );
}

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
