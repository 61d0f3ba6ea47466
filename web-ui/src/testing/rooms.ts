import * as A from "@automerge/automerge/slim";
import type { Command } from "../room/commands";
import type { RoomDoc } from "../room/schema/document";
import { scalar } from "../room/schema/scalars";

/** An empty room with the fields that the server creates in a new room. */
export function aRoom(actor = "aa"): A.Doc<RoomDoc> {
  return A.from(
    {
      schema: 1,
      title: "Untitled room",
      settings: {
        turnMode: scalar("free"),
        maxPlayers: 10,
        status: scalar("active"),
        stackRule: scalar("latest"),
        model: null,
        systemPrompt: "",
      },
      participants: {},
      cards: {},
      windows: {},
      notes: {},
      chat: [],
      generation: { epoch: 0, lock: null, grant: null, stop: null },
      results: {},
    } as unknown as Record<string, unknown>,
    { actor },
  ) as unknown as A.Doc<RoomDoc>;
}

/** Runs the commands as one change. */
export function run(doc: A.Doc<RoomDoc>, ...commands: Command[]): A.Doc<RoomDoc> {
  return A.change(doc, (draft) => {
    for (const command of commands) command(draft);
  });
}

/** Syncs two copies of a room until both have all changes. */
export function synced(a: A.Doc<RoomDoc>, b: A.Doc<RoomDoc>): [A.Doc<RoomDoc>, A.Doc<RoomDoc>] {
  const left = A.merge(A.clone(a), A.clone(b));
  const right = A.merge(A.clone(b), A.clone(a));
  return [left, right];
}
