import { useCallback, useMemo } from "react";
import { appVersionsOf, type RoomWindow, useDoc, useResults } from "../../room";
import { type ChatEntry, hasNote, readChat, readNote } from "../../room/schema/read";
import { str } from "../../room/schema/scalars";
import { parseRef, shownVersion, type Version, versionsWithCode } from "./sources";

export interface App {
  /** The versions with code, oldest first. */
  readonly versions: readonly Version[];
  /** The version that all people see, or null if no version has code. */
  readonly shown: Version | null;
  /** The request of the answer that is to become the next version, or null. */
  readonly awaited: string | null;
}

/** The app of a window, as the document has it. */
export function useApp({ props, ref }: Pick<RoomWindow, "props" | "ref">): App {
  const all = useMemo(() => {
    const stored = appVersionsOf(props);
    return stored.length === 0 && ref !== null ? [{ ref, by: "", at: 0, fix: false, from: "" }] : stored;
  }, [props, ref]);
  const results = useResults();
  const file = str(props.file);
  const noteIds = all.flatMap((version) => {
    const parsed = parseRef(version.ref);
    const files = (version.files ?? []).map(({ note }) => note);
    return parsed?.kind === "note" ? [parsed.note, ...files] : files;
  });
  const usesChat = all.some((version) => parseRef(version.ref)?.kind === "chat");
  const chat = useDoc(usesChat ? readChat : noChat);
  const idKey = noteIds.join("\n");
  const notes: Readonly<Record<string, string>> = useDoc(
    useCallback(
      (doc) =>
        Object.fromEntries(
          idKey
            .split("\n")
            .filter((id) => hasNote(doc, id))
            .map((id) => [id, readNote(doc, id)]),
        ),
      [idKey],
    ),
  );
  return useMemo(() => {
    const texts = {
      answer: (request: string) =>
        results.find((result) => result.request === request && result.status !== "running")?.text ?? null,
      chat: (entry: string) => chat.find(({ id }) => id === entry)?.text ?? null,
      note: (id: string) => notes[id] ?? null,
    };
    const versions = versionsWithCode(all, texts, file || undefined);
    const shown = shownVersion(ref, all, versions);
    const parsed = ref === null ? null : parseRef(ref);
    const awaited = parsed?.kind === "result" && shown?.ref !== ref ? parsed.request : null;
    return { versions, shown, awaited };
  }, [all, results, chat, notes, ref, file]);
}

const nothing: readonly ChatEntry[] = [];
const noChat = (): readonly ChatEntry[] => nothing;
