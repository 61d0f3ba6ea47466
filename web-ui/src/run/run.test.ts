import { describe, expect, it } from "vitest";
import { consoleText } from "./consoleText";
import { memoryStorage } from "./memoryStorage";
import { MESSAGE_LIMITS, RateLimit, readMessage, STATE_LIMITS, stateProblem } from "./messages";
import { SharedState } from "./sharedState";

describe("a message of the frame", () => {
  it.each([
    null,
    undefined,
    1,
    "ready",
    [],
    {},
    { type: "eval" },
    { type: "pong", id: "1" },
    { type: "state" },
  ])("of another form is refused: %j", (data) => {
    expect(readMessage(data)).toBeNull();
  });

  it("keeps only the fields of its type, as text", () => {
    expect(readMessage({ type: "console", level: "fatal", text: { html: 1 }, extra: 1 })).toEqual({
      type: "console",
      level: "log",
      text: "",
    });
    expect(readMessage({ type: "error", kind: "x", line: -1, column: 1.5, message: 1 })).toEqual({
      type: "error",
      kind: "runtime",
      file: "",
      line: null,
      column: null,
      message: "",
      stack: "",
    });
  });

  it("has at most 8 KiB of text", () => {
    const long = "x".repeat(100_000);
    const message = readMessage({ type: "error", file: long, message: long, stack: long });
    if (message?.type !== "error") throw new Error("not read");
    expect(message.file.length + message.message.length + message.stack.length).toBe(MESSAGE_LIMITS.units);
  });
});

describe("a rate limit", () => {
  it("lets a burst of one second through, and then its rate", () => {
    const limit = new RateLimit(50, 0);
    expect(Array.from({ length: 60 }, () => limit.take(0)).filter(Boolean)).toHaveLength(50);
    expect(limit.take(10)).toBe(false);
    expect(limit.take(40)).toBe(true);
  });
});

describe("the limits of shared state", () => {
  const keys = Array.from({ length: STATE_LIMITS.keys }, (_, i) => `k${i}`);

  it("refuse a 65th key, a long key, a large value and a value that is not JSON", () => {
    expect(stateProblem("new", "1", keys)).toContain("64 keys");
    expect(stateProblem("k0", "1", keys)).toBeNull();
    expect(stateProblem("", "1", [])).not.toBeNull();
    expect(stateProblem("k".repeat(65), "1", [])).not.toBeNull();
    expect(stateProblem("a", `"${"ü".repeat(2_048)}"`, [])).toContain("4 KiB");
    expect(stateProblem("a", `"${"u".repeat(4_094)}"`, [])).toBeNull();
    expect(stateProblem("a", "{", [])).toContain("not JSON");
  });

  it.each(["__proto__", "constructor", "toString", "a\u0000b", "\ud800", "a\u202eb", "a\nb"])(
    "refuse the key %j",
    (key) => {
      expect(stateProblem(key, "1", [])).toContain("control characters");
      expect(stateProblem(key, null, [])).toContain("control characters");
    },
  );

  it("accept emoji and markup as keys, since keys are shown as text", () => {
    for (const key of ["fish 🐟", "<b>", "a.b/c"]) expect(stateProblem(key, "1", [])).toBeNull();
  });

  it("let a key be removed at any time", () => {
    expect(stateProblem("k0", null, keys)).toBeNull();
  });
});

describe("parlor.state", () => {
  const made = (initial: Record<string, string> = {}, canEdit = true) => {
    let now = 0;
    const sent: [string, string | null][] = [];
    const timers: { at: number; action: () => void }[] = [];
    const errors: unknown[] = [];
    const state = new SharedState(initial, {
      send: (key, json) => sent.push([key, json]),
      now: () => now,
      later: (action, millis) => timers.push({ at: now + millis, action }),
      canEdit,
      onError: (error) => errors.push(error),
    });
    const advance = (millis: number): void => {
      const end = now + millis;
      for (let next = timers[0]; next !== undefined && next.at <= end; next = timers[0]) {
        timers.shift();
        now = next.at;
        next.action();
      }
      now = end;
    };
    return { state, sent, advance, errors };
  };

  it("shows an own write at once and sends it", () => {
    const { state, sent } = made({ a: "1" });
    expect(state.get("a")).toBe(1);
    state.set("a", { b: [2] });
    expect(state.get("a")).toEqual({ b: [2] });
    expect(sent).toEqual([["a", '{"b":[2]}']]);
  });

  it("sends at most ten writes a second, of each key the last", () => {
    const { state, sent, advance } = made();
    for (let i = 1; i <= 500; i++) {
      state.set("x", i);
      state.set("y", -i);
    }
    advance(100);
    advance(100);
    expect(sent).toEqual([
      ["x", "1"],
      ["y", "-500"],
      ["x", "500"],
    ]);
    for (let i = 0; i < 100; i++) {
      state.set("x", 1_000 + i);
      advance(10);
    }
    expect(sent.length).toBeLessThanOrEqual(3 + 11);
    advance(1_000);
    expect(sent.at(-1)).toEqual(["x", "1099"]);
  });

  it("gives other people's values to its subscribers, and an own write that is not sent yet stays", () => {
    const { state } = made();
    const heard: unknown[] = [];
    const stop = state.subscribe("a", (value) => heard.push(value));
    state.receive("a", "1");
    state.receive("a", "1");
    state.receive("a", null);
    stop();
    state.receive("a", "2");
    expect(heard).toEqual([1, undefined]);
    state.set("first", 0);
    state.set("a", 3);
    state.receive("a", "4");
    expect(state.get("a")).toBe(3);
  });

  it("refuses a write with a sentence, and keeps the old value", () => {
    const { state, sent } = made({ a: "1" });
    expect(() => state.set("a", "x".repeat(5_000))).toThrow("4 KiB");
    expect(state.get("a")).toBe(1);
    expect(sent).toEqual([]);
    expect(() => made({}, false).state.set("a", 1)).toThrow("spectator");
  });

  it("removes a key that is set to undefined", () => {
    const { state, sent } = made({ a: "1" });
    state.set("a", undefined);
    expect(state.get("a")).toBeUndefined();
    expect(sent).toEqual([["a", null]]);
  });

  it("calls the other subscribers when a subscriber throws", () => {
    const { state, errors } = made();
    const heard: unknown[] = [];
    state.subscribe("a", () => {
      throw new Error("mine");
    });
    state.subscribe("a", (value) => heard.push(value));
    state.set("a", 1);
    expect(heard).toEqual([1]);
    expect(errors).toHaveLength(1);
  });
});

describe("the storage in memory", () => {
  it("behaves as localStorage", () => {
    const storage = memoryStorage();
    storage.setItem("a", 1 as unknown as string);
    storage.b = "2";
    expect([storage.getItem("a"), storage.b, storage.length, storage.key(1)]).toEqual(["1", "2", 2, "b"]);
    expect(Object.keys(storage)).toEqual(["a", "b"]);
    expect("a" in storage).toBe(true);
    storage.removeItem("a");
    delete storage.b;
    expect([storage.getItem("a"), storage.length]).toEqual([null, 0]);
  });
});

describe("the text of a console call", () => {
  it("shows values, errors and cycles", () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic.self = cyclic;
    expect(consoleText(["n", 1, null, { a: ["b"] }, new TypeError("no"), cyclic], 1_000)).toBe(
      'n 1 null {a: ["b"]} TypeError: no {a: 1, self: [cycle]}',
    );
  });

  it("survives a getter that throws, and is cut", () => {
    const hostile = {
      get a(): string {
        throw new Error("no");
      },
    };
    expect(consoleText([hostile], 100)).toBe("[unreadable]");
    expect(consoleText(["x".repeat(200)], 100)).toHaveLength(100);
  });
});
