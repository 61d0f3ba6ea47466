import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppsServer } from "../testing/appsServer";
import { type AppFile, AppsApi } from "./api";
import { readRemix, sendRemix, takeRemix } from "./remix";

let server: AppsServer;
beforeEach(async () => {
  server = await AppsServer.start();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

const APP = { userSlug: "ada-lovelace", appSlug: "counter" } as const;
const ada = (): AppsApi =>
  new AppsApi({ token: () => Promise.resolve("good-ada"), dropRejectedToken: () => false }, server.url);
const anybody = (): AppsApi => new AppsApi(null, server.url);
const deploy = (...files: AppFile[]) => ada().deploy({ mode: "production", ...APP, files });

describe("the source of a published app", () => {
  it("comes to anybody as its author wrote it, without the files that the server made", async () => {
    await deploy(
      { name: "/notes.md", text: "# Notes" },
      { name: "/App.jsx", text: "export default () => <b/>" },
      { name: "/cat.png", text: "not text" },
    );
    expect(await readRemix(anybody(), APP)).toEqual({
      app: APP,
      entry: { name: "App.jsx", text: "export default () => <b/>" },
      others: [{ name: "notes.md", text: "# Notes" }],
      left: ["cat.png"],
    });
  });

  it("comes without the modules that publishing made for its style sheets", async () => {
    await deploy(
      { name: "/App.jsx", text: 'import "./style.css.js";\nimport "./own.js";', entryPoint: true },
      { name: "/style.css", text: "b {}" },
      { name: "/style.css.js", text: "document.head" },
      { name: "/own.js", text: "" },
    );
    const { entry, others, left } = await readRemix(anybody(), APP);
    expect(entry.text).toBe('import "./style.css";\nimport "./own.js";');
    expect(others.map(({ name }) => name)).toEqual(["style.css", "own.js"]);
    expect(left).toEqual([]);
  });

  it("starts with the index page if there is one", async () => {
    await deploy({ name: "/App.jsx", text: "a" }, { name: "/index.html", text: "<p>" });
    expect((await readRemix(anybody(), APP)).entry.name).toBe("index.html");
  });

  it("is refused for an unpublished app, with the same words for its user and for others", async () => {
    await deploy({ name: "/App.jsx", text: "a" });
    await ada().setUnpublished(APP, true);
    await expect(readRemix(anybody(), APP)).rejects.toMatchObject({ code: "not-published" });
    await expect(readRemix(ada(), APP)).rejects.toMatchObject({ code: "not-published" });
  });

  it("is refused for an app that does not exist, and for an app without code", async () => {
    await expect(readRemix(anybody(), APP)).rejects.toMatchObject({ code: "not-found" });
    await deploy({ name: "/cat.png", text: "not text" });
    await expect(readRemix(anybody(), APP)).rejects.toMatchObject({ code: "nothing-to-remix" });
  });

  it("leaves out a file that is longer than a note", async () => {
    await deploy({ name: "/App.jsx", text: "a" }, { name: "/data.json", text: "1".repeat(200_001) });
    const { others, left } = await readRemix(anybody(), APP);
    expect(others).toEqual([]);
    expect(left).toEqual(["data.json"]);
  });
});

describe("a remix on its way into a room", () => {
  const remix = { app: APP, entry: { name: "App.jsx", text: "a" }, others: [], left: [] };

  it("is taken once, by the room that was chosen, also after a reload", () => {
    const stored = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, text: string) => stored.set(name, text),
      removeItem: (name: string) => stored.delete(name),
    });
    sendRemix("room-a", remix);
    expect(stored.size).toBe(1);
    expect(takeRemix("room-b")).toBeNull();
    expect(takeRemix("room-a")).toEqual(remix);
    expect(takeRemix("room-a")).toBeNull();
  });

  it("arrives in a browser that forbids storage", () => {
    vi.stubGlobal("sessionStorage", undefined);
    sendRemix("room-a", remix);
    expect(takeRemix("room-a")).toEqual(remix);
    expect(takeRemix("room-a")).toBeNull();
  });
});
