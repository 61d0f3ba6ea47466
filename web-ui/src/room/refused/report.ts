import * as A from "@automerge/automerge/slim";
import type { RoomDoc } from "../schema/document";
import { readTitle } from "../schema/read";
import { describeChanges, type RefusedItem } from "./describe";
import type { ChangeRefusal } from "./refusal";
import { zip } from "./zip";

/** The report about refused changes. The page shows it and saves it as `refused.json`. */
export interface RefusedReport {
  readonly room: string;
  readonly title: string;
  readonly document: string;
  readonly by: string;
  readonly refusedAt: string;
  readonly code: number;
  readonly rule: string | null;
  readonly sentence: string;
  /** Every refused change of the Automerge document, oldest first. */
  readonly changes: readonly { readonly hash: string; readonly at: string; readonly by: string | null }[];
  /** The effects of the changes in words, one for each changed object. */
  readonly refused: readonly RefusedItem[];
}

export interface ReportContext {
  readonly slug: string;
  readonly documentId: string;
  readonly identity: string;
  readonly at: number;
}

/**
 * Reports the changes in `local` that the server does not have. `shared` is the server's current document. If the
 * server does not answer, `shared` is the heads that it acknowledged last.
 */
export function reportOf(
  local: A.Doc<RoomDoc>,
  shared: A.Doc<RoomDoc> | A.Heads,
  refusal: ChangeRefusal,
  context: ReportContext,
): RefusedReport {
  const onlyHeads = isHeads(shared);
  const doc = onlyHeads ? local : A.merge(A.clone(local), shared);
  const heads = onlyHeads ? shared : A.getHeads(shared);
  return {
    room: context.slug,
    title: readTitle(doc),
    document: context.documentId,
    by: context.identity,
    refusedAt: new Date(context.at).toISOString(),
    code: refusal.code,
    rule: refusal.rule,
    sentence: refusal.sentence,
    changes: A.getChangesMetaSince(doc, heads).map(({ hash, time, message }) => ({
      hash,
      at: new Date(time * 1_000).toISOString(),
      by: message ?? null,
    })),
    refused: describeChanges(doc, heads),
  };
}

function isHeads(shared: A.Doc<RoomDoc> | A.Heads): shared is A.Heads {
  return Array.isArray(shared);
}

/** A zip file with this browser's document and the report. */
export function refusedFile(local: A.Doc<RoomDoc>, report: RefusedReport): Blob {
  const json = `${JSON.stringify(report, null, 2)}\n`;
  const bytes = zip([
    { name: "room.automerge", bytes: A.save(local) },
    { name: "refused.json", bytes: new TextEncoder().encode(json) },
  ]);
  return new Blob([bytes], { type: "application/zip" });
}
