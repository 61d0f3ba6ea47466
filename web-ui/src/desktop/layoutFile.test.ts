import { describe, expect, it } from "vitest";
import type { RoomWindow } from "../room";
import { LayoutProblem, matchLayout, readLayout, writeLayout } from "./layoutFile";

const window = (id: string, type: RoomWindow["type"], title: string, more: Partial<RoomWindow> = {}) =>
  ({
    id,
    type,
    title,
    x: 10,
    y: 20,
    width: 300,
    height: 200,
    z: "a",
    state: "open",
    ref: null,
    props: {},
    by: "ada",
    at: 1,
    ...more,
  }) as RoomWindow;

const problemOf = (text: string): string => {
  try {
    readLayout(text);
  } catch (problem) {
    if (problem instanceof LayoutProblem) return problem.message;
    throw problem;
  }
  return "";
};

const entry = (more: object) => ({
  id: "w1",
  type: "note",
  title: "Keep",
  x: 1,
  y: 2,
  width: 300,
  height: 200,
  state: "open",
  ...more,
});
const file = (windows: unknown, version: unknown = 1) => JSON.stringify({ parlorLayout: version, windows });

describe("a layout file", () => {
  it("that was exported reads as the same places, states and order", () => {
    const windows = [
      window("w1", "note", "Keep", { state: "minimized", x: -4 }),
      window("w2", "chat", "Chat"),
    ];
    expect(readLayout(writeLayout(windows))).toEqual(
      windows.map(({ id, type, title, x, y, width, height, state }) => ({
        id,
        type,
        title,
        x,
        y,
        width,
        height,
        state,
      })),
    );
  });

  it.each([
    ["no JSON", "That isn't a layout file"],
    ["[]", "That isn't a layout file"],
    [JSON.stringify({ windows: [] }), "That isn't a layout file"],
    [file([], 2), "parlorLayout is 2, and this page reads 1"],
    [file([], 1.5), "That isn't a layout file"],
    [file({}), "windows must be a list"],
    [file([null]), "windows[0] must be an object"],
    [file([entry({ id: 7 })]), "windows[0].id must be a text"],
    [file([entry({}), entry({ x: "1" })]), "windows[1].x must be a number from -20000 to 20000"],
    [file([entry({ width: 0 })]), "windows[0].width must be a number from 1 to 20000"],
    [file([entry({ height: 1e9 })]), "windows[0].height must be a number from 1 to 20000"],
    [file([entry({ state: "shut" })]), "windows[0].state must be one of open, minimized, closed"],
    [file(Array.from({ length: 1001 }, () => entry({}))), "windows must have at most 1000 entries"],
    [file([entry({ title: "x".repeat(600_000) })]), "too large"],
  ])("that is invalid is refused with a sentence that names the field (%#)", (text, words) => {
    expect(problemOf(text)).toContain(words);
  });

  it("may have fields that this page does not know", () => {
    expect(readLayout(file([entry({ colour: "red" })]))).toHaveLength(1);
  });
});

describe("the windows of a layout", () => {
  it("are found by id, then by type and title, then a core window by type; each once", () => {
    const room = [
      window("chat", "chat", "Talk"),
      window("keep", "note", "Keep"),
      window("plan", "note", "Plan"),
      window("other", "note", "Other"),
    ];
    const layout = readLayout(
      file([
        entry({ id: "elsewhere", type: "chat", title: "Chat" }),
        entry({ id: "plan", type: "note", title: "Renamed" }),
        entry({ id: "gone", type: "note", title: "Keep" }),
        entry({ id: "gone-too", type: "note", title: "Keep" }),
      ]),
    );
    const { placed, missing } = matchLayout(layout, room);
    expect(placed.map((each) => each.window.id)).toEqual(["chat", "plan", "keep"]);
    expect(missing).toBe(1);
  });
});
