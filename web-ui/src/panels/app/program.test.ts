import { describe, expect, it } from "vitest";
import { importsIn, missingPackage, type PackageList, planImports } from "./imports";
import { readList } from "./packages";
import { buildProgram, NO_PACKAGES, transform } from "./program";
import { publishedFiles } from "./published";
import { fits } from "./spareFrame";

const LIST: PackageList = {
  set: "s",
  integrity: { "/v/chunk.js": "sha256-c" },
  packages: {
    react: { url: "/v/react.js", integrity: "sha256-r", exports: ["useState"] },
    "react/jsx-runtime": { url: "/v/jsx.js", exports: ["jsx"] },
    "react-dom/client": { url: "/v/client.js", exports: ["createRoot"] },
  },
};
const packages = () => Promise.resolve(LIST);
const jsx = (code: string, name = "App.jsx") => ({ name, language: "jsx" as const, code });

describe("the transform of an app", () => {
  it("keeps the number of every line", async () => {
    const code =
      'import { useState } from "react";\n\nexport default function App() {\n  return <b>hi</b>;\n}\n';
    const result = await transform(jsx(code));
    if (!("code" in result)) throw new Error("not transformed");
    expect(result.code.split("\n")).toHaveLength(code.split("\n").length);
    expect(result.code.split("\n")[3]).toContain("_jsx");
  });

  it("removes the types of TypeScript", async () => {
    const result = await transform({
      name: "App.tsx",
      code: "type A = { b: string };\nexport default (a: A) => <i>{a.b as string}</i>;",
    });
    expect("code" in result && result.code).not.toContain(": A");
  });

  it.each([
    ["const a = ;", 1],
    ["\n\nexport default () => <b>;", 3],
    ["export default function () {", 1],
  ])("reports broken code with its file and line: %j", async (code, line) => {
    const result = await transform(jsx(code, "Broken.jsx"));
    if (!("problem" in result)) throw new Error("was transformed");
    expect(result.problem.file).toBe("Broken.jsx");
    expect(result.problem.line).toBe(line);
    expect(result.problem.message).toMatch(/^SyntaxError: /);
  });

  it("of deeply nested code ends with an error and not with the page", async () => {
    expect("problem" in (await transform(jsx("(".repeat(200_000))))).toBe(true);
  });
});

describe("the program of an app", () => {
  it("of JSX has the import map of the server's packages with their hashes", async () => {
    const built = await buildProgram(jsx("export default () => <b/>;"), packages);
    if (!("program" in built)) throw new Error("not built");
    expect(built.program.kind).toBe("module");
    expect(built.program.imports["react/jsx-runtime"]).toBe("/v/jsx.js");
    expect(built.program.integrity).toEqual({ "/v/react.js": "sha256-r", "/v/chunk.js": "sha256-c" });
  });

  it("of JSX needs the list of packages, and the error says so", async () => {
    const built = await buildProgram(jsx("export default () => <b/>;"), () =>
      Promise.reject(new Error("404")),
    );
    expect("problem" in built && built.problem.message).toBe(NO_PACKAGES);
  });

  it("of a page or drawing runs without packages, exactly as written", async () => {
    const none = () => Promise.reject(new Error("404"));
    for (const language of ["html", "svg"] as const) {
      const built = await buildProgram({ name: "a", language, code: "<p>1 < 2</p>" }, none);
      expect("program" in built && built.program.files).toEqual([{ name: "a", code: "<p>1 < 2</p>" }]);
    }
  });

  it("of a page with a module that imports a package has the import map", async () => {
    const code = '<script type="module">import { useState } from "react";</script>';
    const built = await buildProgram({ name: "a", language: "html", code }, packages);
    expect("program" in built && built.program.imports.react).toBe("/v/react.js");
  });

  it("of one file that imports another file is refused with its name", async () => {
    const built = await buildProgram(
      jsx('import Card from "./Card";\nexport default () => <Card/>;'),
      packages,
    );
    expect("problem" in built && built.problem.message).toContain("“./Card”");
  });
});

describe("the program of an app of several files", () => {
  const app = (code: string, ...files: { name: string; code: string }[]) =>
    buildProgram({ ...jsx(code), files }, packages);

  it("has each file that the first file reaches, with imports that the frame can resolve", async () => {
    const built = await app(
      'import Card from "./ui/Card";\nimport "./style.css";\nexport default () => <Card/>;',
      {
        name: "ui/Card.tsx",
        code: 'import { n } from "../lib.js";\nexport default () => <b>{n as number}</b>;',
      },
      { name: "lib.js", code: "export const n = 1;" },
      { name: "style.css", code: "b { color: red }" },
      { name: "unused.js", code: "" },
    );
    if (!("program" in built)) throw new Error(built.problem.message);
    const [start, card, lib, style] = built.program.files;
    expect(built.program.files.map(({ name }) => name)).toEqual([
      "App.jsx",
      "ui/Card.tsx",
      "lib.js",
      "style.css",
    ]);
    expect(start?.code).toContain('from "~~app/ui/Card.tsx"');
    expect(start?.code).toContain('import "~~app/style.css"');
    expect(card?.code).toContain('from "~~app/lib.js"');
    expect(card?.code).not.toContain("as number");
    expect(lib?.code).toBe("export const n = 1;");
    expect(style?.code).toContain('"b { color: red }"');
    expect(built.warnings).toEqual([]);
  });

  it("names the file and the line of broken code", async () => {
    const built = await app('import "./Card";', { name: "Card.jsx", code: "\nconst a = ;" });
    expect("problem" in built && built.problem).toMatchObject({ file: "Card.jsx", line: 2 });
  });

  it("names the file that is missing and the file that imports it", async () => {
    const built = await app('import "./Card";', { name: "Card.jsx", code: 'import "./gone.js";' });
    expect("problem" in built && built.problem).toMatchObject({
      file: "Card.jsx",
      message: "“./gone.js” is no file of this app. Its files: App.jsx, Card.jsx.",
    });
  });

  it("ends when files import each other", async () => {
    const built = await app('import "./a";', { name: "a.js", code: 'import "./App.jsx";' });
    expect("program" in built && built.program.files.map(({ code }) => code)).toEqual([
      'import "~~app/a.js";',
      'import "~~app/App.jsx";',
    ]);
  });

  it("of a page has its style sheets, scripts and drawings inside, and its modules beside", async () => {
    const code = [
      '<link rel="stylesheet" href="./style.css"><link rel="icon" href="a.svg">',
      '<img src="a.svg"><script src="/old.js"></script><script src="gone.js"></script>',
      '<script type="module" src="main.ts"></script>',
    ].join("\n");
    const built = await buildProgram(
      {
        name: "index.html",
        language: "html",
        code,
        files: [
          { name: "style.css", code: "b {}" },
          { name: "a.svg", code: "<svg/>" },
          { name: "old.js", code: 'document.write("</script>")' },
          { name: "main.ts", code: 'import { n } from "./lib";\nlet a: number = n;' },
          { name: "lib.js", code: "export const n = 1;" },
        ],
      },
      packages,
    );
    if (!("program" in built)) throw new Error(built.problem.message);
    const [page, lib] = built.program.files;
    expect(page?.code).toBe(
      [
        '<style>b {}</style><link rel="icon" href="a.svg">',
        '<img src="data:image/svg+xml,%3Csvg%2F%3E"><script>document.write("<\\/script>")</script><script src="gone.js"></script>',
        '<script type="module">import { n } from "~~app/lib.js";\nlet a = n;</script>',
      ].join("\n"),
    );
    expect(lib).toEqual({ name: "lib.js", code: "export const n = 1;" });
  });
});

describe("the published files of an app", () => {
  it("are all files with a mark at the first, and a module for each text that code imports", () => {
    const files = publishedFiles({
      ...jsx('import "./style.css";\nimport data from "./data.json";\nexport default () => data;'),
      files: [
        { name: "style.css", code: "b {}" },
        { name: "data.json", code: "[1]" },
        { name: "other.css", code: "i {}" },
      ],
    });
    expect(files.map(({ name, entryPoint }) => [name, entryPoint])).toEqual([
      ["/App.jsx", true],
      ["/style.css", undefined],
      ["/data.json", undefined],
      ["/other.css", undefined],
      ["/style.css.js", undefined],
      ["/data.json.js", undefined],
    ]);
    expect(files[0]?.text).toContain('import "./style.css.js";\nimport data from "./data.json.js";');
    expect(files[5]?.text).toBe("export default [1];");
  });

  it("of one file are that file without a mark", () => {
    expect(publishedFiles(jsx("1"))).toEqual([{ name: "/App.jsx", text: "1" }]);
  });
});

describe("the imports of code", () => {
  it("are found in every form", () => {
    const code = [
      'import "a";',
      'import b from "b";',
      'import * as c from "c";',
      'import d, { e as f, default as g } from "d";',
      'import {\n  h,\n  i,\n} from "j";',
      'export { k } from "k";',
      'export * from "l";',
      'const m = await import("m");',
    ].join("\n");
    expect(importsIn(code).map(({ specifier }) => specifier)).toEqual("a b c d j k l m".split(" "));
    expect(importsIn(code).find(({ specifier }) => specifier === "d")).toEqual({
      specifier: "d",
      names: ["e"],
      hasDefault: true,
    });
  });

  it("of an unknown package get a module that throws when its exports are used", async () => {
    const plan = planImports('import up, { sync } from "find-up";', LIST);
    expect(plan.unknown).toEqual(["find-up"]);
    const stub = plan.stubs["find-up"] ?? "";
    const module = await import(`data:text/javascript,${encodeURIComponent(stub)}`);
    const message = missingPackage("find-up", Object.keys(LIST.packages));
    expect(message).toBe("“find-up” is not on this server. There are: react, react-dom.");
    expect(() => module.sync()).toThrow(message);
    expect(() => module.default.cwd).toThrow(message);
    expect(() => new module.sync()).toThrow(message);
  });
});

describe("the list of packages", () => {
  it("keeps only packages of this server", () => {
    const list = readList({
      set: "s",
      packages: {
        a: { url: "/a.js", integrity: "x", exports: ["b", 1] },
        b: { url: "https://evil.example/b.js" },
        c: { url: "//evil.example/c.js" },
        d: "d",
      },
      files: { "chunk.js": { integrity: "y" }, "NOTICES.txt": { integrity: "z" }, "bad.js": null },
    });
    expect(list).toEqual({
      set: "s",
      packages: { a: { url: "/a.js", integrity: "x", exports: ["b"] } },
      integrity: { "/~~vendor~~/s/chunk.js": "y" },
    });
  });

  it("of another form is refused", () => {
    expect([null, 1, {}, { packages: 1 }].map(readList)).toEqual([null, null, null, null]);
  });
});

describe("a frame that was loaded for the next app", () => {
  const programOf = async (source: Parameters<typeof buildProgram>[0]) => {
    const built = await buildProgram(source, packages);
    if (!("program" in built)) throw new Error("not built");
    return built.program;
  };

  it("takes a component of one file with packages of this server", async () => {
    const program = await programOf(jsx('import { useState } from "react";\nexport default () => <b/>;'));
    expect(fits(program, "component")).toBe(true);
    expect(fits(program, "page")).toBe(false);
  });

  it("takes no component that needs an import map of its own", async () => {
    const unknown = await programOf(jsx('import x from "left-pad";\nexport default () => <b>{x}</b>;'));
    expect(fits(unknown, "component")).toBe(false);
    const files = [{ name: "Card.jsx", code: "export default () => <i/>;" }];
    const several = await programOf({
      ...jsx('import Card from "./Card.jsx";\nexport default () => <Card/>;'),
      files,
    });
    expect(fits(several, "component")).toBe(false);
    const own = await programOf(
      jsx('import * as self from "./App.jsx";\nexport default () => <b>{typeof self}</b>;'),
    );
    expect(fits(own, "component")).toBe(false);
  });

  it("takes each page and drawing, since it has no import map for them", async () => {
    for (const language of ["html", "svg"] as const)
      expect(fits(await programOf({ name: "a", language, code: "<p>" }), "page")).toBe(true);
  });
});
