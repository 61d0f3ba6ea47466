import { useState } from "react";
import { LaterShareDialog } from "./laterDialogs";

export function ShareButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        Share
      </button>
      <LaterShareDialog open={open} onOpenChange={setOpen} />
    </>
  );
}
