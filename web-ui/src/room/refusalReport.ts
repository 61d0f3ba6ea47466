import * as A from "@automerge/automerge/slim";
import { fileNameOf, saveFile } from "./copy";
import type { ChangeRefusal } from "./refused/refusal";
import { type RefusedReport, refusedFile, reportOf } from "./refused/report";
import type { RoomDoc } from "./schema/document";
import type { RoomSession } from "./session";

/**
 * The part of this page's document that the room does not have, compared with the server's document or with the heads
 * that it acknowledged last.
 */
export async function buildRefusalReport(room: RoomSession, refusal: ChangeRefusal): Promise<RefusedReport> {
  const shared = await room.api
    .export("automerge")
    .then(async (blob) => A.load<RoomDoc>(new Uint8Array(await blob.arrayBuffer())))
    .catch(() => room.sync.acknowledged);
  return reportOf(room.handle.doc(), shared, refusal, {
    slug: room.slug,
    documentId: room.handle.documentId,
    identity: room.me.identity,
    at: Date.now(),
  });
}

/** Saves it as one file on the person's device. */
export function saveRefusalReport(room: RoomSession, report: RefusedReport): void {
  const doc = room.handle.doc();
  saveFile(`${fileNameOf(doc)} - not taken.zip`, refusedFile(doc, report));
}
