import { describe, expect, it } from "vitest";
import { Addresses, embedSnippet, remixOf, remixPath } from "./addresses";
import { qrPath } from "./qr";

const APP = { userSlug: "ada", appSlug: "quiz" } as const;
const ORIGIN = "https://parlor.example";

describe("the address of an app", () => {
  it("has its own host that the server tells", () => {
    const addresses = new Addresses("https://{app}--{user}.apps.example/", ORIGIN);
    expect(addresses.of(APP)).toBe("https://quiz--ada.apps.example/");
    expect(addresses.parts("ada")).toEqual({ before: "", after: "--ada.apps.example" });
  });

  it("has a path on a server without hosts for apps", () => {
    const addresses = new Addresses(`${ORIGIN}/a/{user}/{app}/`, ORIGIN);
    expect(addresses.of(APP)).toBe("https://parlor.example/a/ada/quiz/");
    expect(addresses.parts("ada")).toEqual({ before: "parlor.example/a/ada/", after: "" });
  });

  it.each([null, "", "https://apps.example/", "javascript:{app}{user}"])(
    "is the address of the app's page if the server tells %o",
    (template) => {
      expect(new Addresses(template, ORIGIN).of(APP)).toBe("https://parlor.example/vibe/ada/quiz");
    },
  );

  it("stands in a snippet that no sign of the address can break out of", () => {
    expect(embedSnippet('https://a.example/"><script>')).not.toMatch(/<script>|""|"><s/);
    expect(embedSnippet("https://a.example/")).toContain('<iframe src="https://a.example/"');
  });
});

describe("the link that remixes an app", () => {
  it("is read as the app that it was made for", () => {
    expect(remixOf(new URL(remixPath(APP), ORIGIN).search)).toEqual(APP);
  });

  it.each([
    "",
    "?remix=",
    "?remix=ada",
    "?remix=ada/quiz/x",
    "?remix=../quiz",
    "?remix=ada/<b>",
    "?other=ada/quiz",
  ])("with the query “%s” names no app", (query) => {
    expect(remixOf(query)).toBeNull();
  });
});

describe("the QR code of a text", () => {
  /** The dark modules, read back from the path. */
  const dark = (path: string): Set<string> => {
    const modules = new Set<string>();
    for (const [, x = "", y = "", width = ""] of path.matchAll(/M(\d+) (\d+)h(\d+)/g))
      for (let i = 0; i < Number(width); i++) modules.add(`${Number(x) + i},${y}`);
    return modules;
  };

  it("has a finder pattern in three corners, inside a border of four light modules", () => {
    const { size, path } = qrPath("https://quiz--ada.apps.example/");
    const modules = dark(path);
    const far = size - 4 - 7;
    for (const [x, y] of [
      [4, 4],
      [far, 4],
      [4, far],
    ] as const) {
      const ring = [...Array(7).keys()].flatMap((i) => [
        `${x + i},${y}`,
        `${x + i},${y + 6}`,
        `${x},${y + i}`,
        `${x + 6},${y + i}`,
      ]);
      expect(ring.every((module) => modules.has(module))).toBe(true);
      expect(modules.has(`${x + 1},${y + 1}`)).toBe(false);
      expect(modules.has(`${x + 3},${y + 3}`)).toBe(true);
    }
    const coordinates = [...modules].flatMap((module) => module.split(",").map(Number));
    expect(Math.min(...coordinates)).toBe(4);
    expect(Math.max(...coordinates)).toBe(size - 5);
  });

  it("differs for another address", () => {
    expect(qrPath("https://a.example/").path).not.toBe(qrPath("https://b.example/").path);
  });
});
