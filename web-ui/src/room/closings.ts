import * as A from "@automerge/automerge/slim";
import { type Activity, activitiesSince } from "./activity";
import type { RoomDoc } from "./schema/document";
import { str } from "./schema/scalars";

/** A closing that is older than this is history, as after a time offline, and is not told. */
const TOLD_MS_MAX = 60_000;

/** Whether patches of the document close a window. Only then is the history read for the author. */
const closes = (patches: readonly A.Patch[]): boolean =>
  patches.some(
    (patch) =>
      patch.action === "put" &&
      patch.path.length === 3 &&
      patch.path[0] === "windows" &&
      patch.path[2] === "state" &&
      str(patch.value) === "closed",
  );

/** A change of the document, as automerge-repo reports it. */
type DocumentChange = {
  readonly patches: readonly A.Patch[];
  readonly patchInfo: { readonly before: A.Doc<RoomDoc>; readonly after: A.Doc<RoomDoc> };
};

/** The windows that other people have just closed for all people, with the person who did it. */
export function closingsByOthers(
  { patches, patchInfo }: DocumentChange,
  me: string,
  now: number,
): readonly Activity[] {
  if (!closes(patches)) return [];
  const doc = patchInfo.after as A.Doc<RoomDoc>;
  return activitiesSince(doc, A.getHeads(patchInfo.before))
    .filter(({ action, by, at }) => action === "closed" && by !== "" && by !== me && now - at < TOLD_MS_MAX)
    .map((closing) => ({
      ...closing,
      windows: closing.windows.filter((id) => str(doc.windows?.[id]?.state) === "closed"),
    }))
    .filter(({ windows }) => windows.length > 0);
}
