import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/fraunces/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { PublishDialog, type PublishProps } from "../../src/publish";

/** Version 2 runs. Version 3 has an error, does not compile or imports an unknown package if the query asks for it. */
const query = new URLSearchParams(window.location.search);
const files = (text: string) => [{ name: "/App.jsx", text }];
const APP: Omit<PublishProps, "onClose"> = {
  title: "Repair sign-up",
  files: files(
    query.has("broken") ? "BROKEN" : query.has("package") ? 'import "find-up"' : "export default () => 3",
  ),
  version: 3,
  hasError: query.has("error"),
  lastGood: { version: 2, files: files("export default () => 2") },
  suggestedSlug: "Repair sign-up",
  roomSlug: "repair-cafe",
  appId: "window-1",
};

/** The dialog as an app window opens it. */
function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <h1>Repair café</h1>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        Publish
      </button>
      {open && <PublishDialog {...APP} onClose={() => setOpen(false)} />}
    </>
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("dialog.html has no #root");
createRoot(root).render(<Page />);
