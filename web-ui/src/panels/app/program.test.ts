import { describe, expect, it } from "vitest";
import { importsIn, missingPackage, type PackageList, planImports } from "./imports";
import { readList } from "./packages";
import { buildProgram, NO_PACKAGES, transform } from "./program";

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
      language: "tsx",
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

  it("that imports another file is refused with its name", async () => {
    const built = await buildProgram(
      jsx('import Card from "./Card";\nexport default () => <Card/>;'),
      packages,
    );
    expect("problem" in built && built.problem.message).toContain("“./Card”");
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
