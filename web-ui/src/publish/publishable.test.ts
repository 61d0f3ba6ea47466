import { describe, expect, it } from "vitest";
import { publishable } from "./publishable";

describe("the files of an app on their way to the server", () => {
  it("get a page with the drawing if there is nothing else to start with", () => {
    const drawing = { name: "/drawing.svg", text: "<svg><circle r='4'/></svg>" };
    const [kept, page] = publishable("Tom & <b>Jerry", [drawing]);
    expect(kept).toBe(drawing);
    expect(page?.name).toBe("/index.html");
    expect(page?.text).toContain("<title>Tom &amp; &lt;b>Jerry</title>");
    expect(page?.text).toContain(drawing.text);
  });

  it.each(["/index.html", "/App.jsx", "/App.tsx", "/main.js"])("stay as they are with %s", (name) => {
    const files = [
      { name: "/drawing.svg", text: "<svg/>" },
      { name, text: "" },
    ];
    expect(publishable("App", files)).toBe(files);
  });
});
