import { describe, expect, it } from "vitest";
import type { AppVersion } from "../../room";
import {
  appInBlock,
  parseRef,
  refOfBlock,
  requestBehind,
  shownVersion,
  type Version,
  versionsWithCode,
} from "./sources";

const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\``;
const version = (ref: string, fix = false, from = ""): AppVersion => ({ ref, by: "a", at: 1, fix, from });
const texts = (
  answers: Record<string, string | null>,
  notes: Record<string, string> = {},
  chat: Record<string, string> = {},
) => ({
  answer: (request: string) => answers[request] ?? null,
  chat: (entry: string) => chat[entry] ?? null,
  note: (id: string) => notes[id] ?? null,
});

describe("a reference to code", () => {
  it("names a block of an answer, an answer, or a note", () => {
    expect(parseRef(refOfBlock("result:r1", 2))).toEqual({ kind: "result", request: "r1", block: 2 });
    expect(parseRef("result:r1")).toEqual({ kind: "result", request: "r1", block: null });
    expect(parseRef("chat:c1#0")).toEqual({ kind: "chat", entry: "c1", block: 0 });
    expect(parseRef("note:n1")).toEqual({ kind: "note", note: "n1" });
  });

  it("of another form is no reference", () => {
    expect(["", "result:", "result:r#x", "note:", "https://a", "result:r#9999999"].map(parseRef)).toEqual(
      Array(6).fill(null),
    );
  });
});

describe("the versions of an app", () => {
  const first = version("result:r1#1");
  const fix = version("result:r2", true);

  it("are numbered, and have the code of their block", () => {
    const found = versionsWithCode(
      [first, fix],
      texts({ r1: `${fence("sh", "ls")}\n${fence("jsx", "one")}`, r2: fence("jsx", "two") }),
    );
    expect(found.map(({ number, source }) => [number, source.code])).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
  });

  it("leave out an answer that is being written, was refused or has no code, and the version before stays shown", () => {
    for (const r2 of [null, "Sorry.", fence("python", "x")]) {
      const all = [first, fix];
      const found = versionsWithCode(all, texts({ r1: `${fence("sh", "")}\n${fence("jsx", "one")}`, r2 }));
      expect(found).toHaveLength(1);
      expect(shownVersion("result:r2", all, found)?.source.code).toBe("one");
    }
  });

  it("take the block of the same file from a fix, else the longest block of the same kind", () => {
    const one = version("result:r1#0");
    const r1 = `A.jsx\n${fence("jsx", "one")}`;
    const same = `B.jsx\n${fence("jsx", "other and longer")}\n\nA.jsx\n${fence("jsx", "two")}`;
    const code = (r2: string) => versionsWithCode([one, fix], texts({ r1, r2 }))[1]?.source.code;
    expect(code(same)).toBe("two");
    expect(
      code(`${fence("html", "<p>a very long page</p>")}\n${fence("tsx", "x")}\n${fence("jsx", "xyz")}`),
    ).toBe("xyz");
  });

  it("keep the name and language of the version before when people edit the code in a note", () => {
    const found = versionsWithCode(
      [version("result:r1#0"), version("note:n1")],
      texts({ r1: `A.tsx\n${fence("tsx", "one")}` }, { n1: "edited" }),
    );
    expect(found[1]?.source).toEqual({ name: "A.tsx", language: "tsx", code: "edited" });
  });

  it("have the name of the window's file if the first version is a note, as in a remixed app", () => {
    const [found] = versionsWithCode([version("note:n1")], texts({}, { n1: "<p>" }), "index.html");
    expect(found?.source).toEqual({ name: "index.html", language: "html", code: "<p>" });
  });

  it("go back to the version that the window names", () => {
    const all = [first, version("result:r2"), version("result:r3")];
    const answers = {
      r1: `${fence("sh", "")}\n${fence("jsx", "1")}`,
      r2: fence("jsx", "2"),
      r3: fence("jsx", "3"),
    };
    const found = versionsWithCode(all, texts(answers));
    expect(shownVersion("result:r2", all, found)?.number).toBe(2);
    expect(shownVersion("result:r3", all, found)?.number).toBe(3);
  });

  it("show the version that a fix was asked for until the fix has code, also after going back", () => {
    const all = [version("result:r1#0"), version("result:r2"), version("result:r3", true, "result:r1#0")];
    const answers = { r1: `A.jsx\n${fence("jsx", "1")}`, r2: `B.jsx\n${fence("jsx", "2")}` };
    expect(shownVersion("result:r3", all, versionsWithCode(all, texts(answers)))?.number).toBe(1);
    const r3 = `B.jsx\n${fence("jsx", "longer")}\n\nA.jsx\n${fence("jsx", "3")}`;
    const found = versionsWithCode(all, texts({ ...answers, r3 }));
    expect(shownVersion("result:r3", all, found)?.source.code).toBe("3");
  });

  it("are empty if the room lost the answer", () => {
    expect(versionsWithCode([first], texts({}))).toEqual([]);
    expect(shownVersion(first.ref, [first], [])).toBeNull();
  });
});

describe("an app of several files", () => {
  const answer = [
    `App.jsx\n${fence("jsx", 'import "./style.css";')}`,
    `**style.css**\n${fence("css", "b {}")}`,
    `./lib.js\n${fence("js", "1")}`,
    `../x.js\n${fence("js", "outside")}`,
    fence("css", "unnamed"),
  ].join("\n\n");
  const one = version("result:r1#0");
  const names = (found: readonly Version[], at: number) =>
    Object.fromEntries(
      [found[at]?.source ?? [], ...(found[at]?.source.files ?? [])]
        .flat()
        .map(({ name, code }) => [name, code]),
    );

  it("has every named block of its answer", () => {
    const found = versionsWithCode([one], texts({ r1: answer }));
    expect(names(found, 0)).toEqual({
      "App.jsx": 'import "./style.css";',
      "style.css": "b {}",
      "lib.js": "1",
    });
  });

  it("has the same files after a fix of one file, whether the fix names it or not", () => {
    const fixes = [`style.css\n${fence("css", "i {}")}`, fence("css", "i {}")];
    for (const r2 of fixes) {
      const found = versionsWithCode([one, version("result:r2", true, one.ref)], texts({ r1: answer, r2 }));
      expect(names(found, 1)).toEqual({
        "App.jsx": 'import "./style.css";',
        "style.css": "i {}",
        "lib.js": "1",
      });
    }
  });

  it("starts with the same file after a fix of a component that is another file", () => {
    const r1 = `App.jsx\n${fence("jsx", "app")}\n\nCard.jsx\n${fence("jsx", "card")}`;
    const r2 = `Card.jsx\n${fence("jsx", "a much better card")}`;
    const found = versionsWithCode([one, version("result:r2", true, one.ref)], texts({ r1, r2 }));
    expect(found[1]?.source).toMatchObject({ name: "App.jsx", code: "app" });
    expect(names(found, 1)["Card.jsx"]).toBe("a much better card");
  });

  it("has the text of a note for each file that people edit, and the earlier text of a note that is gone", () => {
    const files = [
      { name: "style.css", note: "n2" },
      { name: "lib.js", note: "gone" },
    ];
    const edited = { ...version("note:n1", false, one.ref), files };
    const found = versionsWithCode([one, edited], texts({ r1: answer }, { n1: "app", n2: "u {}" }));
    expect(names(found, 1)).toEqual({ "App.jsx": "app", "style.css": "u {}", "lib.js": "1" });
  });

  it("opens from a block of a component as from the block of the file with which it starts", () => {
    const text = `Card.jsx\n${fence("jsx", "card")}\n\nApp.jsx\n${fence("jsx", "app")}`;
    expect(appInBlock(text, "jsx", "card")).toMatchObject({ index: 1, app: { name: "App.jsx" } });
    const page = `${text}\n\nindex.html\n${fence("html", "<p>")}`;
    expect(appInBlock(page, "jsx", "app")?.index).toBe(2);
    expect(appInBlock(`${fence("jsx", "1")}\n\n${fence("jsx", "2")}`, "jsx", "2")?.index).toBe(1);
  });
});

describe("an app from the chat", () => {
  it("has the code of a block of the entry", () => {
    const found = versionsWithCode([version("chat:c1#0")], texts({}, {}, { c1: fence("html", "<p>") }));
    expect(found[0]?.source).toEqual({ name: "index.html", language: "html", code: "<p>" });
  });
});

describe("the answer behind a version", () => {
  it("is the answer that people edited or fixed, and none for an app from the chat", () => {
    const all = [
      version("result:r1#0"),
      version("note:n1", false, "result:r1#0"),
      version("note:n2", false, "note:n1"),
      version("chat:c1#0"),
    ];
    expect(all.map(({ ref }) => requestBehind(ref, all))).toEqual(["r1", "r1", "r1", ""]);
  });
});

describe("the app in a rendered block", () => {
  it("is found by its code, and has the number among all blocks", () => {
    const text = `${fence("sh", "ls")}\n\n${fence("html", "<p>1</p>")}`;
    expect(appInBlock(text, "html", "<p>1</p>")?.index).toBe(1);
    expect(appInBlock(text, "sh", "ls")).toBeNull();
    expect(appInBlock(text, "html", "<p>2</p>")).toBeNull();
  });
});
