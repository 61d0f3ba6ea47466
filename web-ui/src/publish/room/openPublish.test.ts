import { describe, expect, it } from "vitest";
import { type AppToPublish, later } from "./openPublish";

const app = (text: string, hasError: boolean): AppToPublish => ({
  title: "Tea",
  files: [{ name: "/App.jsx", text }],
  version: 2,
  hasError,
  suggestedSlug: "tea",
  roomSlug: "r",
  appId: "w",
});

describe("an open Publish dialog", () => {
  it("learns of an error that the app reports after the dialog was opened", () => {
    const news = app("one", true);
    expect(later(app("one", false), news)).toBe(news);
  });

  it("keeps the error of the same code when the app starts again without one", () => {
    const open = app("one", true);
    expect(later(open, app("one", false))).toBe(open);
  });

  it("takes the newer code of the version that people edit", () => {
    const news = app("two", false);
    expect(later(app("one", true), news)).toBe(news);
  });
});
