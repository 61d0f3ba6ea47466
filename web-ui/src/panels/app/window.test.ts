import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import {
  addAppVersion,
  editAppCode,
  openApp,
  resetAppState,
  setAppState,
  showAppVersion,
} from "../../room/commands/apps";
import { appStateOf, appVersionsOf } from "../../room/schema/apps";
import { readNote, readWindows } from "../../room/schema/read";
import { MESSAGE_LIMITS } from "../../run/messages";
import { aRoom, run, synced } from "../../testing/rooms";
import { EMPTY_LOG, LINES_MAX, logged } from "./appLog";
import { fixQuestion, offerFor } from "./fix";
import { FocusGuard } from "./focusGuard";
import { ownAddress } from "./previewHost";
import { FLOOD, RunLink, SILENT_MS } from "./runLink";
import type { Version } from "./sources";
import { LOAD_MS, START_MS, StartWatch } from "./startWatch";

const author = { by: "ada", at: 5 };
const place = { x: 1, y: 2, width: 300, height: 200 };
const open = openApp({ id: "w", title: "Tea", ...place, ref: "result:r1#0", ...author });
const windowOf = (doc: ReturnType<typeof aRoom>) => {
  const [found] = readWindows(doc);
  if (found === undefined) throw new Error("no window");
  return found;
};

describe("an app window in the document", () => {
  it("opens with its first version and no state", () => {
    const shown = windowOf(run(aRoom(), open));
    expect([shown.type, shown.ref, shown.state]).toEqual(["app", "result:r1#0", "open"]);
    expect(appVersionsOf(shown.props)).toEqual([{ ref: "result:r1#0", ...author, fix: false, from: "" }]);
    expect(appStateOf(shown.props)).toEqual({});
  });

  it("keeps the versions that two people add at the same time", () => {
    const start = run(aRoom("aa"), open);
    const left = run(
      A.clone(start, { actor: "bb" }),
      addAppVersion("w", { ref: "result:r2", fix: true, ...author }),
    );
    const right = run(A.clone(start, { actor: "cc" }), addAppVersion("w", { ref: "result:r3", ...author }));
    const [one, two] = synced(left, right);
    const refs = appVersionsOf(windowOf(one).props).map(({ ref }) => ref);
    expect(refs.toSorted()).toEqual(["result:r1#0", "result:r2", "result:r3"]);
    expect(appVersionsOf(windowOf(two).props).map(({ ref }) => ref)).toEqual(refs);
  });

  it("keeps the state that two people set under different keys at the same time", () => {
    const start = run(aRoom("aa"), open);
    const left = run(A.clone(start, { actor: "bb" }), setAppState("w", "x", "1"));
    const [one] = synced(left, run(A.clone(start, { actor: "cc" }), setAppState("w", "y", "2")));
    expect(appStateOf(windowOf(one).props)).toEqual({ x: "1", y: "2" });
  });

  it("removes one key, and all keys", () => {
    const doc = run(aRoom(), open, setAppState("w", "x", "1"), setAppState("w", "y", "2"));
    const without = run(A.clone(doc), setAppState("w", "x", null));
    expect(appStateOf(windowOf(without).props)).toEqual({ y: "2" });
    expect(appStateOf(windowOf(run(doc, resetAppState("w"))).props)).toEqual({});
  });

  it("copies the code into a note for editing, and goes back to an earlier version", () => {
    const edited = run(aRoom(), open, editAppCode("w", { note: "n1", code: "code" }, [], author));
    expect(readNote(edited, "n1")).toBe("code");
    expect(windowOf(edited).ref).toBe("note:n1");
    const back = windowOf(run(edited, showAppVersion("w", "result:r1#0")));
    expect(back.ref).toBe("result:r1#0");
    expect(appVersionsOf(back.props)).toHaveLength(2);
  });

  it("copies each further file into a note of its own for editing", () => {
    const style = { name: "style.css", note: "n2", code: "b {}" };
    const edited = run(aRoom(), open, editAppCode("w", { note: "n1", code: "code" }, [style], author));
    expect(readNote(edited, "n2")).toBe("b {}");
    const version = appVersionsOf(windowOf(edited).props).at(-1);
    expect(version).toMatchObject({ ref: "note:n1", files: [{ name: "style.css", note: "n2" }] });
    expect(
      appVersionsOf({ versions: [{ ref: "a", files: [1, { name: "b" }, null] }] })[0]?.files,
    ).toBeUndefined();
  });

  it("reads damaged versions and state as none", () => {
    expect(appVersionsOf({ versions: [1, {}, { ref: "a" }, { ref: "a" }, null] })).toHaveLength(1);
    expect(appVersionsOf({ versions: "x" })).toEqual([]);
    expect(appStateOf({ state: ["a"] })).toEqual({});
    expect(appStateOf({ state: { a: 1, b: "2" } })).toEqual({ b: "2" });
  });
});

describe("the log of an app", () => {
  const error = (message: string) =>
    ({ type: "error", kind: "runtime", file: "App.jsx", line: 3, column: 1, message, stack: "" }) as const;

  it("shows the first error, and counts the others", () => {
    const log = logged(logged(EMPTY_LOG, error("first")), error("second"));
    expect([log.problem?.message, log.problemCount]).toEqual(["first", 2]);
    expect(log.lines.map(({ text }) => text)).toEqual([
      "first · App.jsx, line 3",
      "second · App.jsx, line 3",
    ]);
  });

  it("keeps the last lines of the console", () => {
    let log = EMPTY_LOG;
    for (let i = 1; i <= LINES_MAX + 5; i++)
      log = logged(log, { type: "console", level: "log", text: `${i}` });
    expect([log.lines.length, log.lines[0]?.text, log.lineCount]).toEqual([LINES_MAX, "6", LINES_MAX + 5]);
  });

  it("offers only addresses of the web and of mail as links", () => {
    const link = (url: string) => logged(EMPTY_LOG, { type: "link", url }).link;
    expect(link("https://example.com/")).toBe("https://example.com/");
    expect(["javascript:alert(1)", "data:text/html,x", "file:///etc", "blob:x"].map(link)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("the link to a running app", () => {
  const made = () => {
    let now = 0;
    const port = { postMessage: (message: unknown) => void posted.push(message), close: () => undefined };
    const posted: unknown[] = [];
    const heard: string[] = [];
    const socket = port as typeof port & { onmessage: ((event: MessageEvent) => void) | null };
    let silent = false;
    let dropped = 0;
    let floods = 0;
    const link = new RunLink(
      socket as unknown as MessagePort,
      {
        onMessage: ({ type }) => heard.push(type),
        onSilent: (next) => {
          silent = next;
        },
        onDropped: (count) => {
          dropped = count;
        },
        onFlood: () => {
          floods += 1;
        },
      },
      () => now,
    );
    const receive = (data: unknown) => socket.onmessage?.({ data } as MessageEvent);
    return {
      link,
      posted,
      heard,
      receive,
      advance: (millis: number) => {
        now += millis;
        link.tick();
      },
      isSilent: () => silent,
      dropped: () => dropped,
      floods: () => floods,
    };
  };

  it("says that the app is not responding after 4 s without a pong, and that it is back", () => {
    const app = made();
    app.advance(0);
    app.advance(SILENT_MS - 1);
    expect(app.isSilent()).toBe(false);
    app.advance(1);
    expect(app.isSilent()).toBe(true);
    app.receive({ type: "pong", id: 3 });
    expect(app.isSilent()).toBe(false);
    app.advance(1_000);
    expect(app.isSilent()).toBe(false);
  });

  it("drops messages that are malformed or too fast, and counts it", () => {
    const app = made();
    app.receive("nonsense");
    for (let i = 0; i < 80; i++) app.receive({ type: "console", level: "log", text: "x" });
    expect(app.heard).toHaveLength(MESSAGE_LIMITS.perSecond);
    app.advance(0);
    expect(app.dropped()).toBe(31);
  });

  it.each([
    ["console", { type: "console", level: "log", text: "x" }],
    ["pong to a ping that was never sent", { type: "pong", id: 99 }],
    ["malformed", { type: "x" }],
  ])("ends with an app that floods the page with messages of the kind: %s", (_, message) => {
    const app = made();
    const count = FLOOD + MESSAGE_LIMITS.perSecond + 10;
    for (let i = 0; i < count; i++) app.receive(message);
    expect(app.floods()).toBe(1);
    expect(app.heard.length).toBeLessThanOrEqual(MESSAGE_LIMITS.perSecond);
  });
});

describe("the keyboard focus", () => {
  it("is given back twice when an app takes it from a person who types, and then the app is stopped", () => {
    const guard = new FocusGuard();
    guard.acted(1_000, "a");
    const verdicts = [1_100, 1_200, 1_300].map((now) => guard.moved(now, false));
    expect(verdicts).toEqual(["returned", "returned", "stopped"]);
  });

  it("is given back while the person types, even if the pointer rests on the app", () => {
    const guard = new FocusGuard();
    guard.acted(1_000, "a");
    expect(guard.moved(1_400, true)).toBe("returned");
    expect(guard.moved(1_600, true)).toBe("allowed");
  });

  it("moves into an app by a press, by Tab, and when the person does nothing in the room", () => {
    const guard = new FocusGuard();
    expect(guard.moved(0, false)).toBe("allowed");
    guard.acted(1_000, null);
    expect(guard.moved(1_100, true)).toBe("allowed");
    guard.acted(1_200, "Tab");
    expect(guard.moved(1_250, false)).toBe("allowed");
    expect(guard.moved(4_100, false)).toBe("allowed");
  });
});

describe("the host of a preview", () => {
  const template = "https://{app}--{user}.apps.example:8443/";

  it("is made from the id of the window, in the letters that the server allows", () => {
    const id = "01981234-5678-7abc-8def-0123456789AB";
    expect(ownAddress(template, id)).toBe(
      "https://run-0198123456787abc8def0123456789ab.apps.example:8443/~run/",
    );
    expect(ownAddress(template, `${"a".repeat(60)}b`)).toMatch(/^https:\/\/run-a{31}b\.apps/);
  });

  it("is not used on a server without hosts for apps, and for an id without letters", () => {
    for (const each of [null, "https://parlor.example/a/{user}/{app}/", "javascript:{app}--{user}.x/"])
      expect(ownAddress(each, "window-1")).toBeNull();
    expect(ownAddress(template, "!?")).toBeNull();
  });

  it("counts as unreachable if its frame does not load in 8 s, or does not start in 3 s after it has loaded", () => {
    const slow = new StartWatch(0);
    expect(slow.isLate(LOAD_MS - 1)).toBe(false);
    expect(slow.isLate(LOAD_MS)).toBe(true);
    const loaded = new StartWatch(0);
    loaded.loaded(LOAD_MS - 1);
    expect(loaded.isLate(LOAD_MS + START_MS - 2)).toBe(false);
    expect(loaded.isLate(LOAD_MS + START_MS - 1)).toBe(true);
    loaded.started();
    expect(loaded.isLate(100_000)).toBe(false);
  });
});

describe("Fix it", () => {
  const source = { name: "App.jsx", language: "jsx", code: "a\n```\nb" } as const;

  it("asks with the error, its place and the file", () => {
    const question = fixQuestion(source, {
      message: "TypeError: no",
      line: 2,
      stack: "TypeError: no\n    at f (App.jsx:2:1)\n    at react.js:1:1",
    });
    expect(question).toContain("Error: TypeError: no\nPlace: App.jsx, line 2\nat f (App.jsx:2:1)");
    expect(question).toContain("````jsx\na\n```\nb\n````");
    expect(question).not.toContain("react.js");
  });

  it("sends only the lines around the error if the file is too long", () => {
    const code = Array.from({ length: 5_000 }, (_, i) => `line ${i + 1}`).join("\n");
    const question = fixQuestion({ ...source, code }, { message: "no", line: 3_000, stack: "" });
    expect(question.length).toBeLessThan(16_000);
    expect(question).toContain("\nline 3000\n");
    expect(question).toContain("Lines 2941 to 3060:");
  });

  it("of an app of several files sends the file with the error first, and asks for the names of changed files", () => {
    const several = { ...source, files: [{ name: "lib.js", code: "export const n = m;" }] };
    const fault = { message: "ReferenceError: m", line: 1, stack: "at lib.js:1:18", file: "lib.js" };
    const question = fixQuestion(several, fault);
    expect(question).toContain("Fix this error in lib.js.");
    expect(question).toContain("with its name in the line before the block");
    expect(question).toContain("Place: lib.js, line 1\nat lib.js:1:18");
    expect(question.indexOf("lib.js\n```js\nexport const n = m;")).toBeLessThan(
      question.indexOf("App.jsx\n````jsx\na"),
    );
    const large = { ...several, code: "x".repeat(20_000) };
    expect(fixQuestion(large, fault)).toContain("```js\nexport const n = m;\n```");
    expect(fixQuestion(large, fault)).not.toContain("xxxx");
  });

  const versions = (...fixes: boolean[]): Version[] =>
    fixes.map((fix, i) => ({ ref: `r${i + 1}`, by: "", at: 0, fix, from: "", number: i + 1, source }));

  it("comes after going back if two fixes in a row failed", () => {
    const all = versions(false, true, true);
    const third = all[2] as Version;
    expect(offerFor(all, third, new Set(["r1", "r2", "r3"]))).toMatchObject({
      backFirst: true,
      back: { number: 1 },
    });
    expect(offerFor(all, third, new Set(["r2", "r3"])).back?.number).toBe(1);
    expect(offerFor(all, third, new Set(["r3"]))).toMatchObject({ backFirst: false, back: { number: 2 } });
  });

  it("is the only offer for the first version", () => {
    const all = versions(false);
    expect(offerFor(all, all[0] as Version, new Set(["r1"]))).toEqual({ back: null, backFirst: false });
  });
});
