import * as A from "@automerge/automerge/slim";
import { refusedTexts } from "../texts";
import { fileNameOf, saveFile } from "./copy";
import type { ChangeRefusal } from "./refused/refusal";
import { type RefusedReport, refusedFile, reportOf } from "./refused/report";
import type { RoomDoc } from "./schema/document";
import type { RoomSession } from "./session";

/**
 * Reports the changes that this page has and the server does not. Compares with the server's document, or with the last
 * acknowledged heads if the server does not answer.
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

/** Downloads the local document and the report as one zip file. */
export function saveRefusalReport(room: RoomSession, report: RefusedReport): void {
  const doc = room.handle.doc();
  saveFile(refusedTexts.refusedChangesZip(fileNameOf(doc)), refusedFile(doc, report));
}
