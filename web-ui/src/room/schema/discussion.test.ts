import { describe, expect, it } from "vitest";
import { aRoom, run } from "../../testing/rooms";
import { editMessage, react, sendMessage } from "../commands";
import { authorOf, readReactions } from "./discussion";
import type { RoomDoc } from "./document";
import { readChat } from "./read";

const opened = (doc: RoomDoc): void => {
  Object.assign(doc, { reactions: {}, edits: {}, comments: {} });
};
const by = (name: string, at = 1) => ({ by: name, at });

describe("[RX1] votes and reactions", () => {
  it("count once for each person and sign, oldest first, and can be taken back", () => {
    let doc = run(
      aRoom(),
      opened,
      react("card:c", "up", true, by("bob", 2)),
      react("card:c", "up", true, by("ada", 1)),
      react("card:c", "up", true, by("ada", 9)),
      react("card:c", "heart", true, by("ada", 3)),
    );
    const shown = () =>
      readReactions(doc)
        .get("card:c")
        ?.map(({ sign, by: name }) => `${sign} ${name}`);
    expect(shown()).toEqual(["up ada", "up bob", "heart ada"]);
    doc = run(doc, react("card:c", "up", false, by("ada")));
    expect(shown()).toEqual(["up bob", "heart ada"]);
  });

  it("are ignored if the sign is unknown, the author is missing or the value is no time", () => {
    const doc = run(aRoom(), opened, (draft) => {
      Object.assign(draft.reactions as object, {
        "card:c|boo|ada": 1,
        "card:c|up": 1,
        "card:c|up|bob": "soon",
      });
    });
    expect([...readReactions(doc).keys()]).toEqual([]);
  });

  it("keep an author whose identity has the separator", () => {
    expect(authorOf("card:c|up|guest:x|ada", 2)).toBe("guest:x|ada");
    expect(authorOf("m", 1)).toBe("");
  });
});

describe("[CH1] an edited chat message", () => {
  const chat = () =>
    run(
      aRoom(),
      opened,
      sendMessage({ id: "m", text: "helo", ...by("ada") }),
      sendMessage({ id: "k", text: "hi", ...by("bob") }),
    );

  it("is shown with its author's later text, and other messages keep their view objects", () => {
    const before = chat();
    const doc = run(before, editMessage("m", "hello", by("ada", 7)));
    expect(readChat(doc)[0]).toMatchObject({ text: "hello", editedAt: 7, by: "ada" });
    expect(readChat(doc)[1]).toBe(readChat(before)[1]);
    expect(readChat(doc)).toBe(readChat(doc));
    const next = run(doc, sendMessage({ id: "l", text: "more", ...by("bob") }));
    expect(readChat(next)[0]).toBe(readChat(doc)[0]);
  });

  it("ignores another person's edit, and an edit of an entry that a program wrote", () => {
    const doc = run(
      chat(),
      sendMessage({ id: "p", text: "code", kind: "program", ...by("ada") }),
      editMessage("m", "forged", by("bob")),
      editMessage("p", "forged", by("ada")),
    );
    expect(readChat(doc).map(({ text }) => text)).toEqual(["helo", "hi", "code"]);
  });

  it("has no text if its author deleted it", () => {
    expect(readChat(run(chat(), editMessage("m", "", by("ada", 7))))[0]).toMatchObject({
      text: "",
      editedAt: 7,
    });
  });
});
