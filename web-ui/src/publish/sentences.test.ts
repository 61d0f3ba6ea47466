import { describe, expect, it } from "vitest";
import { ApiProblem } from "../room/api";
import { AppsProblem } from "./api";
import { sentenceOf } from "./sentences";

describe("the sentence about a failed request", () => {
  it("names file, line, column and reason of a source that does not compile", () => {
    const place = { file: "/App.jsx", line: 12, column: 5 };
    expect(sentenceOf(new AppsProblem("transform-failed", "/App.jsx:12:5: unexpected }", null, place))).toBe(
      "App.jsx does not compile, line 12, column 5: unexpected }",
    );
  });

  it("names the slug that belongs to another person", () => {
    const problem = new AppsProblem(
      "owned-by-another",
      "the slug ada belongs to another user",
      "ownerHandle",
    );
    expect(sentenceOf(problem, { userSlug: "ada" })).toBe(
      "“ada” belongs to another person. Type another name.",
    );
  });

  it("tells an app without code from an address that is not allowed", () => {
    expect(sentenceOf(new AppsProblem("app-slug-invalid", "", "fileSystem"))).toContain("nothing to publish");
    expect(sentenceOf(new AppsProblem("app-slug-invalid", "", "appSlug"))).toContain("3 to 30 characters");
  });

  it("gives the limit of a deploy that is too large", () => {
    const problem = new AppsProblem("too-large", "a text file has at most 1048576 bytes");
    expect(sentenceOf(problem)).toBe("The app is too large: a text file has at most 1048576 bytes.");
  });

  it("gives the id under which the server's log has a defect", () => {
    expect(sentenceOf(new AppsProblem("server-error", "", null, null, "4f1c"))).toContain("4f1c");
  });

  it("says that the server does not answer if the identity could not be proved", () => {
    expect(sentenceOf(new ApiProblem(0, "Unreachable", ""))).toContain("does not answer");
  });

  it.each([
    "require-login",
    "bad-token",
    "access-denied",
    "not-found",
    "max-app-slugs-reached",
    "max-user-slugs-reached",
    "max-apps-reached",
    "slug-exhausted",
    "too-many-requests",
    "unknown-type",
    "unavailable",
    "unreachable",
  ])("has its own words for the code %s", (code) => {
    const sentence = sentenceOf(new AppsProblem(code, "of the server"));
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toBe(sentenceOf(new AppsProblem("never-heard-of", "")));
  });
});
