import { useEffect, useState } from "react";
import { LazyCode, useLazyCode } from "../page/lazyCode";
import { useRoom } from "../room";
import { loadingTexts } from "../texts";
import type { SettingsProps } from "./SettingsDialog";
import type { ShareProps } from "./ShareDialog";

/*
 * Dialogs of the room whose code is loaded when they are first opened. A loaded dialog stays mounted, so that it can give
 * the focus back when it closes.
 */

const share = new LazyCode(() => import("./ShareDialog"));
const settings = new LazyCode(() => import("./SettingsDialog"));

export function LaterShareDialog(props: ShareProps) {
  return useOpened(props.open) ? <Share {...props} /> : null;
}

export function LaterSettingsDialog(props: SettingsProps) {
  return useOpened(props.open) ? <Settings {...props} /> : null;
}

function Share(props: ShareProps) {
  const code = useDialog(share, props);
  return code === null ? null : <code.ShareDialog {...props} />;
}

function Settings(props: SettingsProps) {
  const code = useDialog(settings, props);
  return code === null ? null : <code.SettingsDialog {...props} />;
}

function useOpened(open: boolean): boolean {
  const [wasOpened, setOpened] = useState(false);
  useEffect(() => {
    if (open) setOpened(true);
  }, [open]);
  return open || wasOpened;
}

/** The code of a dialog. If it fails to load, a notice says so, and the next opening loads it again. */
function useDialog<T>(
  lazyCode: LazyCode<T>,
  { open, onOpenChange }: Pick<ShareProps, "open" | "onOpenChange">,
): T | null {
  const room = useRoom();
  const code = useLazyCode(lazyCode);
  useEffect(() => {
    if (open) lazyCode.load();
  }, [open, lazyCode]);
  useEffect(() => {
    if (code !== "failed") return;
    room.notify(loadingTexts.partFailed);
    onOpenChange(false);
  }, [code, room, onOpenChange]);
  return code === "failed" ? null : code;
}
