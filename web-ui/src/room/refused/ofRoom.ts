import * as A from "@automerge/automerge/slim";
import { fileNameOf, saveFile } from "../copy";
import type { RoomDoc } from "../document";
import type { RoomSession } from "../session";
import type { ChangesRefused } from "./refusal";
import { type RefusedReport, refusedFile, reportOf } from "./report";

/** What the room has not of this page's document: compared with the server's, or with what it acknowledged last. */
export async function refusalReport(room: RoomSession, why: ChangesRefused): Promise<RefusedReport> {
  const shared = await room.api
    .export("automerge")
    .then(async (blob) => A.load<RoomDoc>(new Uint8Array(await blob.arrayBuffer())))
    .catch(() => room.sync.acknowledged);
  return reportOf(room.handle.doc(), shared, why, {
    slug: room.slug,
    documentId: room.handle.documentId,
    identity: room.me.identity,
    at: Date.now(),
  });
}

/** Hands it to the person as one file. */
export function saveRefused(room: RoomSession, report: RefusedReport): void {
  const doc = room.handle.doc();
  saveFile(`${fileNameOf(doc)} - not taken.zip`, refusedFile(doc, report));
}
