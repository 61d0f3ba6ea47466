import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TokenSource } from "../room/api";
import { AppsServer } from "../testing/appsServer";
import { type AppFile, AppsApi, AppsProblem, wireFile } from "./api";

let server: AppsServer;
beforeEach(async () => {
  server = await AppsServer.start();
});
afterEach(() => server.stop());

/** A token source that gives these tokens in order, and counts rejected tokens. */
function tokens(...given: string[]): TokenSource & { rejected: number } {
  let index = 0;
  return {
    rejected: 0,
    token: () => Promise.resolve(given[Math.min(index, given.length - 1)] ?? ""),
    dropRejectedToken() {
      this.rejected++;
      index++;
      return index < given.length;
    },
  };
}

const ada = (): AppsApi => new AppsApi(tokens("good-ada"), server.url);
const APP = { userSlug: "ada-lovelace", appSlug: "counter" } as const;
const files = (text: string): AppFile[] => [{ name: "/App.jsx", text }];
const deploy = (text: string) => ada().deploy({ mode: "production", ...APP, files: files(text) });

describe("the client of the apps API", () => {
  it("sends a bare payload with the identity's token and returns the release", async () => {
    const deployed = await ada().deploy({
      mode: "production",
      ...APP,
      env: { GREETING: "hello" },
      files: files("export default 1"),
    });
    expect(deployed).toMatchObject({ ...APP, releaseSeq: 1, mode: "production" });
    expect(server.received).toEqual([
      {
        method: "POST",
        path: "/api",
        authorization: "Bearer good-ada",
        body: {
          type: "vibes.diy.req-ensure-app-slug",
          mode: "production",
          appSlug: "counter",
          ownerHandle: "ada-lovelace",
          env: { GREETING: "hello" },
          fileSystem: [
            { type: "code-block", lang: "jsx", filename: "/App.jsx", content: "export default 1" },
          ],
        },
      },
    ]);
  });

  it("lists versions from new to old, and publishing an old one shows that one", async () => {
    const first = await deploy("one");
    await deploy("two");
    const shown = async () => (await ada().versions(APP)).map((each) => [each.releaseSeq, each.published]);
    expect(await shown()).toEqual([
      [2, true],
      [1, false],
    ]);
    await ada().publish(APP, first.fsId);
    expect(await shown()).toEqual([
      [2, false],
      [1, true],
    ]);
  });

  it("unpublishes an app for all people, and publishing shows it again", async () => {
    const { fsId } = await deploy("one");
    const anybody = new AppsApi(null, server.url);
    expect(await anybody.source(APP, fsId, "/App.jsx")).toBe("one");
    await ada().setUnpublished(APP, true);
    expect((await anybody.find(APP)).grant).toBe("unpublished");
    await expect(anybody.source(APP, fsId, "/App.jsx")).rejects.toMatchObject({ code: "not-found" });
    await ada().publish(APP);
    expect((await anybody.find(APP)).grant).toBe("public-access");
  });

  it("lists the apps and slugs of this person only", async () => {
    await deploy("one");
    server.bind("first-name", "bob");
    const bob = new AppsApi(tokens("good-bob"), server.url);
    await bob.deploy({ mode: "dev", userSlug: "first-name", appSlug: "quiz", files: files("two") });
    expect((await ada().apps()).map(({ appSlug }) => appSlug)).toEqual(["counter"]);
    expect(await bob.userSlugs()).toEqual(["first-name"]);
    expect(await ada().userSlugs()).toEqual(["ada-lovelace"]);
  });

  it("sends a request again with a new token when the server rejects the token of an ended session", async () => {
    const source = tokens("old", "good-ada");
    await new AppsApi(source, server.url).apps();
    expect(server.received.map(({ authorization }) => authorization)).toEqual([
      "Bearer old",
      "Bearer good-ada",
    ]);
    expect(source.rejected).toBe(1);
  });

  it("rejects with bad-token after one attempt if there is no other token", async () => {
    await expect(new AppsApi(tokens("old"), server.url).apps()).rejects.toMatchObject({ code: "bad-token" });
    expect(server.received).toHaveLength(1);
  });

  it("reports code, field, and the place in a source that does not compile", async () => {
    const problem = await deploy("BROKEN").catch((cause) => cause);
    expect(problem).toBeInstanceOf(AppsProblem);
    expect(problem).toMatchObject({
      code: "transform-failed",
      place: { file: "/App.jsx", line: 12, column: 5 },
    });
    server.bind("taken", "bob");
    await expect(
      ada().deploy({ mode: "dev", userSlug: "taken", appSlug: "quiz", files: files("x") }),
    ).rejects.toMatchObject({ code: "owned-by-another", field: "ownerHandle" });
  });

  it("rejects as unreachable if no server answers", async () => {
    const { url } = server;
    await server.stop();
    await expect(new AppsApi(null, url).find(APP)).rejects.toMatchObject({ code: "unreachable" });
    server = await AppsServer.start();
  });
});

describe("a file in a deploy", () => {
  it.each([
    ["App.jsx", { type: "code-block", lang: "jsx", filename: "/App.jsx", content: "x" }],
    ["/index.HTML", { type: "code-block", lang: "html", filename: "/index.HTML", content: "x" }],
    ["/notes.md", { type: "str-asset-block", filename: "/notes.md", content: "x" }],
    ["/LICENSE", { type: "str-asset-block", filename: "/LICENSE", content: "x" }],
  ])("with the name %s has the form %o", (name, form) => {
    expect(wireFile({ name, text: "x" })).toEqual(form);
  });
});
