import { useEffect } from "react";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import { useRoom } from "../../room";
import { compareTexts } from "../../texts";
import { comparisonIn, type Comparison as Shown, useComparison } from "./view";

/** The dialog's code. It is loaded when a person first compares answers. */
const dialog = new LazyCode(() => import("./ComparisonDialog"));

/** The comparison of two answers, while it is open. */
export function Comparison() {
  const shown = useComparison();
  return shown === null ? null : <Open shown={shown} />;
}

function Open({ shown }: { readonly shown: Shown }) {
  const room = useRoom();
  const code = useLazyCode(dialog);
  useEffect(() => {
    if (code !== "failed") return;
    room.notify(compareTexts.loadFailed);
    comparisonIn(room).set(null);
  }, [code, room]);
  return code === null || code === "failed" ? null : <code.ComparisonDialog shown={shown} />;
}
