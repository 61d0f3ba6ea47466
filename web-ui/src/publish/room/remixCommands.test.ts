import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { appVersionsOf } from "../../room/schema/apps";
import { readNote, readWindows } from "../../room/schema/read";
import { str } from "../../room/schema/scalars";
import { aRoom, run, synced } from "../../testing/rooms";
import { addRemix } from "./remixCommands";
import { sentenceOfRemix } from "./useArrivingRemix";

const REMIX = {
  app: { userSlug: "ada", appSlug: "quiz" },
  entry: { name: "App.jsx", text: "export default 1" },
  others: [{ name: "style.css", text: "b {}" }],
  left: ["cat.png"],
} as const;

const commands = () => {
  let count = 0;
  return addRemix(REMIX, { by: "id_bob", at: 5 }, () => `id-${++count}`);
};

describe("a remix in a room", () => {
  it("is a note with the code and an app window that shows it to all people", () => {
    const room = aRoom();
    const copy = A.clone(room, { actor: "bb" });
    const [, other] = synced(run(room, ...commands()), copy);
    const app = readWindows(other).find(({ type }) => type === "app");
    expect(app).toMatchObject({ title: "quiz", state: "open", by: "id_bob", at: 5 });
    expect(app?.ref).toBe("note:id-1");
    expect(readNote(other, "id-1")).toBe("export default 1");
    expect(str(app?.props.file)).toBe("App.jsx");
    expect(app?.props.state).toEqual({});
    expect(app?.props.versions).toHaveLength(1);
  });

  it("has every further file as a note of the same app", () => {
    const doc = run(aRoom(), ...commands());
    const windows = readWindows(doc);
    const app = windows.find(({ type }) => type === "app");
    expect(windows.filter(({ type }) => type === "note")).toEqual([]);
    const [version] = appVersionsOf(app?.props ?? {});
    expect(version?.files).toEqual([{ name: "style.css", note: "id-3" }]);
    expect(readNote(doc, "id-3")).toBe("b {}");
  });

  it("is announced with the number of its files and the files that were not taken", () => {
    expect(sentenceOfRemix(REMIX)).toBe("“quiz” is in this room now. It has 2 files. Not taken: cat.png.");
    expect(sentenceOfRemix({ ...REMIX, others: [], left: [] })).toBe("“quiz” is in this room now.");
  });
});
