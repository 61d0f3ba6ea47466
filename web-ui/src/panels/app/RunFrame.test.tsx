import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { RunFrame } from "./RunFrame";

const html = (offline: boolean): string =>
  renderToStaticMarkup(
    <RunFrame
      window="w1"
      title="Preview of Day poll"
      program={{ kind: "html", files: [], imports: {}, integrity: {}, stubs: {} }}
      viewer={{ identity: "id_ada", name: "Ada", canEdit: true }}
      offline={offline}
      state={{}}
      onMessage={() => {}}
      onSilent={() => {}}
      onDropped={() => {}}
      onLeft={() => {}}
      onFlood={() => {}}
      onTheft={() => {}}
    />,
  );

describe("RunFrame", () => {
  it("An app that has not started shows a sentence and no frame while the server cannot be reached", () => {
    expect(html(true)).toContain("The app is not available offline.");
    expect(html(true)).not.toContain("app-frame");
  });

  it("An app shows no sentence about the connection while the server can be reached", () => {
    expect(html(false)).not.toContain("offline");
  });
});
