import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { aRoom, run } from "../../testing/rooms";
import { addWindow, muteCard, playCard, sendMessage, setNoteText, setSetting, setTitle } from "../commands";
import type { RoomDoc } from "../schema/document";
import { readTitle } from "../schema/read";
import { changeRefusalOf, explainRefusal, isFinal, ruleAndSentence } from "./refusal";
import { refusedFile, reportOf } from "./report";
import { crc32 } from "./zip";

describe("a closed connection", () => {
  it.each([
    [4403, "[AD5] a spectator changes nothing", "AD5", "a spectator changes nothing"],
    [4403, "[AD6] only a host changes settings", "AD6", "only a host changes settings"],
    [4422, "[AD3] a change has at most 8388608 bytes", "AD3", "a change has at most 8388608 bytes"],
    [4422, "[SY4] bad checksum", "SY4", "bad checksum"],
    [4400, "[WS3] data is empty", "WS3", "data is empty"],
    [4499, "[ZZ9] a rule that is not known yet", "ZZ9", "a rule that is not known yet"],
    [4422, "no rule at all", null, "no rule at all"],
    [4403, "", null, ""],
  ])("with code %i and message %s is a refusal of changes", (code, message, rule, sentence) => {
    expect(changeRefusalOf(code, message)).toEqual({ code, rule, sentence });
  });

  it.each([
    [1000, ""],
    [1001, "[WS4] nothing heard"],
    [1006, ""],
    [1009, "[WS1] the frame is too large"],
    [1011, "[AD6] even with a rule"],
    [1012, "[DU6] the server stops"],
    [1013, "[SY7] too many changes lack a dependency"],
    [4001, "[AC10] your role has changed"],
    [4399, ""],
    [4500, ""],
  ])("with code %i and message %s is transient", (code, message) => {
    expect(changeRefusalOf(code, message)).toBeNull();
    expect(isFinal(code)).toBe(false);
  });

  it.each([
    [4401, "[AC9] you were removed"],
    [4403, "[AC6] this link was ended"],
    [4403, "[HS4] this peer id belongs to somebody else"],
    [4404, ""],
    [4405, "[HS3] no common version"],
    [4409, "[HS4] a newer connection"],
  ])("with code %i and message %s is final, but is no refusal of changes", (code, message) => {
    expect(isFinal(code)).toBe(true);
    expect(changeRefusalOf(code, message)).toBeNull();
  });

  it("is explained in a complete sentence without the rule's id", () => {
    expect(ruleAndSentence(" [AD6] only a host changes settings. ")).toEqual({
      rule: "AD6",
      sentence: "only a host changes settings.",
    });
    expect(ruleAndSentence("[not a rule] x")).toEqual({ rule: null, sentence: "[not a rule] x" });
    const refusal = { code: 4403, rule: "AD6", sentence: "only a host changes settings." };
    expect(explainRefusal(refusal)).toBe("The room refused your last changes: only a host changes settings.");
    expect(explainRefusal({ ...refusal, sentence: "" })).toBe(
      "The room refused your last changes: the server gave no reason (4403).",
    );
  });
});

const refusal = { code: 4403, rule: "AD6", sentence: "only a host changes settings" } as const;
const context = { slug: "room1", documentId: "doc1", identity: "id_a", at: Date.UTC(2026, 0, 2) };
const authorship = { by: "id_a", at: 5 };

function withLocalChanges(shared: A.Doc<RoomDoc>, ...commands: Parameters<typeof run>[1][]): A.Doc<RoomDoc> {
  return commands.reduce((doc, command) => run(doc, command), A.clone(shared, { actor: "bb" }));
}

/** Whether Python is installed: its zip module unpacks the file independently of this project. */
const python = spawnSync("python3", ["--version"]).status === 0;

describe("the report of refused changes", () => {
  const room = run(
    aRoom(),
    playCard({ ...authorship, id: "c1", type: "tone", text: "warm" }),
    addWindow({
      ...authorship,
      id: "w1",
      type: "note",
      title: "Keep",
      x: 1,
      y: 2,
      width: 3,
      height: 4,
      ref: "n1",
    }),
  );

  it("has one sentence for each changed object", () => {
    const ownDoc = withLocalChanges(
      room,
      setTitle("Mine"),
      setSetting("turnMode", "turns"),
      muteCard("c1", true),
      playCard({ ...authorship, id: "c2", type: "custom", text: "A card of mine" }),
      setNoteText("n1", "words in the note"),
      sendMessage({ ...authorship, id: "m1", text: "hello there" }),
    );
    const report = reportOf(ownDoc, room, refusal, context);
    expect(report.refused.map(({ what }) => what).sort()).toEqual([
      "Changed the title to “Mine”",
      "On the card “warm”: muted it",
      "Played a card: “A card of mine”",
      "Said in the chat: “hello there”",
      "Set the turn mode to “turns”",
      "Wrote in the note “Keep”: “words in the note”",
    ]);
    expect(report.changes).toHaveLength(6);
    expect(report).toMatchObject({
      ...refusal,
      room: "room1",
      by: "id_a",
      refusedAt: "2026-01-02T00:00:00.000Z",
    });
  });

  it("leaves out changes that the server has, and other people's changes", () => {
    const ownDoc = withLocalChanges(room, setTitle("Taken"), muteCard("c1", true));
    const [accepted] = A.getChangesSince(ownDoc, A.getHeads(room));
    const [serverDoc] = A.applyChanges(
      run(
        A.clone(room, { actor: "cc" }),
        sendMessage({ by: "id_c", at: 9, id: "m9", text: "from somebody else" }),
      ),
      [accepted as A.Change],
    );
    const report = reportOf(ownDoc, serverDoc, refusal, context);
    expect(report.refused).toEqual([{ what: "On the card “warm”: muted it", path: "cards/c1" }]);
    expect(report.changes).toHaveLength(1);
  });

  it("is computed from the acknowledged heads if the server does not answer", () => {
    const ownDoc = withLocalChanges(room, setTitle("Mine"));
    const report = reportOf(ownDoc, A.getHeads(room), refusal, context);
    expect(report.refused).toEqual([{ what: "Changed the title to “Mine”", path: "title" }]);
  });

  it.skipIf(!python)("is saved with the document in a zip file that Python can unpack", async () => {
    const ownDoc = withLocalChanges(room, setTitle("Mine ä"));
    const report = reportOf(ownDoc, room, refusal, context);
    const folder = mkdtempSync(join(tmpdir(), "parlor-zip-"));
    try {
      const bytes = new Uint8Array(await refusedFile(ownDoc, report).arrayBuffer());
      writeFileSync(join(folder, "it.zip"), bytes);
      const script =
        "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])";
      execFileSync("python3", ["-c", script, join(folder, "it.zip"), folder]);
      expect(readTitle(A.load<RoomDoc>(readFileSync(join(folder, "room.automerge"))))).toBe("Mine ä");
      expect(JSON.parse(readFileSync(join(folder, "refused.json"), "utf8"))).toEqual(report);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is saved with CRC-32 checksums as in the zip format", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});
