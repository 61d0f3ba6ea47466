import * as A from "@automerge/automerge/slim";
import { beforeEach, describe, expect, it } from "vitest";
import { aRoom, run } from "../testing/rooms";
import { closingsByOthers } from "./closings";
import { addWindow, arrangeWindows, type Command, moveWindow, setWindowState } from "./commands";
import { OwnWindows } from "./ownWindows";
import type { RoomDoc, WindowType } from "./schema/document";
import { scalar } from "./schema/scalars";
import { Cell } from "./store";

const newWindow = (id: string, type: WindowType = "note"): Command =>
  addWindow({ id, type, title: id, x: 0, y: 0, width: 300, height: 200, by: "id_a", at: 1 });
const setZ =
  (id: string, z: string): Command =>
  (doc) => {
    (doc.windows[id] as { z: unknown }).z = scalar(z);
  };

let doc: Cell<A.Doc<RoomDoc>>;
let stored: Map<string, unknown>;
const store = {
  value: <T>(name: string): T | null => (stored.get(name) ?? null) as T | null,
  setValue: (name: string, value: unknown) => stored.set(name, JSON.parse(JSON.stringify(value))),
};
const change = (...commands: Command[]): void => doc.set(run(doc.get(), ...commands));
const viewOf = (person: string): OwnWindows => new OwnWindows(doc, person, store);
const order = (view: OwnWindows): string =>
  view.shown
    .get()
    .filter(({ state }) => state === "open")
    .map(({ id }) => id)
    .join(" ");
const states = (view: OwnWindows): Record<string, string> =>
  Object.fromEntries(view.shown.get().map(({ id, state }) => [id, state]));

beforeEach(() => {
  stored = new Map();
  doc = new Cell(run(aRoom(), newWindow("chat", "chat"), newWindow("out", "output"), newWindow("note")));
});

describe("the order of windows from back to front", () => {
  it("is private: raising a window changes neither the document nor another person's order", () => {
    const [ada, bob] = [viewOf("ada"), viewOf("bob")];
    const heads = A.getHeads(doc.get());
    ada.raise("chat");
    expect([order(ada), order(bob)]).toEqual(["out note chat", "chat out note"]);
    expect(A.getHeads(doc.get())).toEqual(heads);
  });

  it("survives a reload and a move of a window, and a new or reopened window comes to the front", () => {
    viewOf("ada").raise("chat");
    const ada = viewOf("ada");
    change(moveWindow("out", 50, 50));
    expect(order(ada)).toBe("out note chat");
    change(newWindow("second"));
    expect(order(ada)).toBe("out note chat second");
    change(setWindowState("note", "closed"));
    change(setWindowState("note", "open"));
    expect(order(ada)).toBe("out chat second note");
  });

  it("follows a layout that writes the order of several windows, and not the click of an older client", () => {
    const ada = viewOf("ada");
    ada.raise("out");
    change(setZ("chat", "zz"));
    expect(order(ada)).toBe("chat note out");
    const place = { x: 0, y: 0, width: 100, height: 100 };
    change(
      arrangeWindows(
        "Cascade",
        new Map([
          ["out", place],
          ["note", place],
          ["chat", place],
        ]),
      ),
    );
    expect(order(ada)).toBe("out note chat");
  });
});

describe("the state of a core window", () => {
  it("is private: another person still sees a window that one person closed", () => {
    const [ada, bob] = [viewOf("ada"), viewOf("bob")];
    ada.setState("out", "closed");
    expect([states(ada).out, states(bob).out]).toEqual(["closed", "open"]);
    expect(states(viewOf("ada")).out).toBe("closed");
    ada.setState("out", "open");
    expect(order(ada)).toBe("chat note out");
  });

  it("is closed by an older client only for people who have not opened it themselves", () => {
    const [ada, bob] = [viewOf("ada"), viewOf("bob")];
    ada.setState("chat", "open");
    change(setWindowState("chat", "closed"));
    expect([states(ada).chat, states(bob).chat]).toEqual(["open", "closed"]);
    bob.setState("chat", "open");
    expect(states(bob).chat).toBe("open");
  });

  it("is open for the presser of Reset, and unchanged for other people; a note is shared", () => {
    const [ada, bob] = [viewOf("ada"), viewOf("bob")];
    for (const view of [ada, bob]) for (const id of ["chat", "out"]) view.setState(id, "closed");
    change(setWindowState("note", "closed"));
    ada.showCore();
    expect(states(ada)).toEqual({ chat: "open", out: "open", note: "closed" });
    expect(states(bob)).toEqual({ chat: "closed", out: "closed", note: "closed" });
  });
});

describe("a maximised window", () => {
  it("is private, in front, and kept until it is restored or closed", () => {
    const [ada, bob] = [viewOf("ada"), viewOf("bob")];
    ada.maximise("note");
    ada.raise("chat");
    ada.maximise("out");
    expect([ada.maximised.get(), bob.maximised.get(), order(ada)]).toEqual(["out", null, "note chat out"]);
    expect(viewOf("ada").maximised.get()).toBe("out");
    ada.setState("out", "closed");
    expect(ada.maximised.get()).toBeNull();
    ada.setState("out", "open");
    expect(ada.maximised.get()).toBeNull();
  });
});

it("a stored value that is no view reads as a person without own choices", () => {
  stored.set("ada", { order: "x", states: null, maximised: 3 });
  expect(order(viewOf("ada"))).toBe("chat out note");
  expect(viewOf("ada").maximised.get()).toBeNull();
});

describe("the message about a closed window", () => {
  const NOW = 1_000_000_000;
  const changeBy = (by: string, at: number, command: Command) => {
    const before = doc.get();
    const after = A.change(before, { message: by, time: Math.floor(at / 1_000) }, (draft) => {
      command(draft);
    });
    return { patches: A.diff(after, A.getHeads(before), A.getHeads(after)), patchInfo: { before, after } };
  };

  it("names the person and the window that another person has just closed", () => {
    const closing = changeBy("bob", NOW, setWindowState("note", "closed"));
    expect(closingsByOthers(closing, "ada", NOW)).toMatchObject([{ by: "bob", windows: ["note"] }]);
  });

  it.each([
    ["the own closing", "ada", NOW, setWindowState("note", "closed")],
    ["a closing of an hour ago", "bob", NOW - 3_600_000, setWindowState("note", "closed")],
    ["a minimised window", "bob", NOW, setWindowState("note", "minimized")],
    ["a moved window", "bob", NOW, moveWindow("note", 5, 5)],
  ])("is not shown for %s", (_, by, at, command) => {
    expect(closingsByOthers(changeBy(by, at, command), "ada", NOW)).toEqual([]);
  });
});
