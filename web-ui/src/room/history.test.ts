import * as A from "@automerge/automerge/slim";
import { beforeEach, describe, expect, it } from "vitest";
import { aRoom } from "../testing/rooms";
import { addWindow, type Command, moveWindow, muteCard, playCard, removeCard, restoreCard } from "./commands";
import { History } from "./history";
import { readCards, readWindows } from "./read";

let doc = aRoom();
let history: History;

const change = (command: Command): void => {
  doc = A.change(doc, (draft) => {
    command(draft);
  });
};

const run = (command: Command): void => {
  doc = A.change(doc, (draft) => {
    const step = command(draft);
    if (step) history.record(step);
  });
};

beforeEach(() => {
  doc = aRoom();
  history = new History(change);
});

const card = playCard({ id: "a", type: "role", text: "editor", by: "id_a", at: 1 });
const window = addWindow({
  id: "w",
  type: "note",
  title: "n",
  x: 1,
  y: 1,
  width: 10,
  height: 10,
  by: "id_a",
  at: 1,
});

describe("undo of one's own edits", () => {
  it("takes a played card back and plays it again", () => {
    run(card);
    expect(history.undo()).toEqual({ kind: "done", label: "Play card" });
    expect(readCards(doc)[0]?.removedBy).toBe("id_a");
    history.redo();
    expect(readCards(doc)[0]?.removedBy).toBeNull();
  });

  it("goes back over several steps and forward again", () => {
    run(window);
    run(moveWindow("w", 5, 5));
    run(moveWindow("w", 9, 9));
    history.undo();
    history.undo();
    expect(readWindows(doc)[0]).toMatchObject({ x: 1, y: 1 });
    history.redo();
    expect(readWindows(doc)[0]).toMatchObject({ x: 5, y: 5 });
  });

  it("leaves what another person changed since, and says so", () => {
    run(window);
    run(moveWindow("w", 5, 5));
    change(moveWindow("w", 70, 70));
    expect(history.undo()).toMatchObject({ kind: "skipped", label: "Move window" });
    expect(readWindows(doc)[0]).toMatchObject({ x: 70, y: 70 });
  });

  it("a new edit ends redo; nothing to undo is said", () => {
    run(card);
    run(muteCard("a", true));
    history.undo();
    run(removeCard("a", "id_a"));
    expect(history.canRedo).toBe(false);
    history.undo();
    history.undo();
    expect(history.undo()).toEqual({ kind: "empty" });
  });

  it("an edit that changes nothing is no step", () => {
    run(card);
    run(restoreCard("a"));
    expect(history.undo()).toMatchObject({ label: "Play card" });
  });
});
