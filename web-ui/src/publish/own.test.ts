import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppsServer } from "../testing/appsServer";
import { AppsApi } from "./api";
import { publishApp } from "./own";
import { authorProblem } from "./useAuthor";

let server: AppsServer;
beforeEach(async () => {
  server = await AppsServer.start();
});
afterEach(() => server.stop());

const ada = (): AppsApi =>
  new AppsApi({ token: () => Promise.resolve("good-ada"), dropRejectedToken: () => false }, server.url);
const name = { userSlug: "ada-lovelace", appSlug: "counter" } as const;
const files = (text: string) => [{ name: "/App.jsx", text }];

describe("publishing an app", () => {
  it("shows an app again that was unpublished", async () => {
    await publishApp(ada(), { name, files: files("one") });
    await ada().setUnpublished(name, true);
    await publishApp(ada(), { name, files: files("two") });
    const [newest] = await ada().versions(name);
    expect(newest).toMatchObject({ releaseSeq: 2, published: true });
  });

  it("of files that were published before shows that version again and stores no new one", async () => {
    await publishApp(ada(), { name, files: files("one") });
    await publishApp(ada(), { name, files: files("two") });
    await publishApp(ada(), { name, files: files("one") });
    const versions = await ada().versions(name);
    expect(versions.map((each) => [each.releaseSeq, each.published])).toEqual([
      [2, false],
      [1, true],
    ]);
  });

  it("changes the author on the app's page only if the request says so", async () => {
    const shown = async () => (await ada().find(name)).authorName;
    await publishApp(ada(), { name, files: files("one") });
    expect(await shown()).toBeUndefined();
    const author = { showAuthor: true, authorName: "Ada L." } as const;
    await publishApp(ada(), { name, files: files("one"), author });
    await publishApp(ada(), { name, files: files("two") });
    expect(await shown()).toBe("Ada L.");
    await publishApp(ada(), { name, files: files("two"), author: { showAuthor: false } });
    expect(await shown()).toBeUndefined();
  });

  it("needs a name of 1 to 60 characters to show", () => {
    expect(authorProblem({ on: false, name: "" })).toBeNull();
    expect(authorProblem({ on: true, name: "  " })).toBe("Type the name to show.");
    expect(authorProblem({ on: true, name: "🌳".repeat(60) })).toBeNull();
    expect(authorProblem({ on: true, name: "x".repeat(61) })).toBe("At most 60 characters.");
    expect(authorProblem({ on: true, name: "a\u202eb" })).toContain("direction");
  });

  it("leaves the shown version as it is if the new files do not compile", async () => {
    await publishApp(ada(), { name, files: files("one") });
    await expect(publishApp(ada(), { name, files: files("BROKEN") })).rejects.toMatchObject({
      code: "transform-failed",
    });
    expect(await ada().versions(name)).toMatchObject([{ releaseSeq: 1, published: true }]);
  });
});
