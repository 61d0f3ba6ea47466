import { useSource } from "../room";
import { shownDialog } from "./dialogs";
import { LaterSettingsDialog, LaterShareDialog } from "./laterDialogs";

type Shown = "share" | "settings" | null;
const selectAll = (shown: Shown): Shown => shown;

/** The menu that gets the focus when the settings close. */
const menu = {
  get current(): HTMLElement | null {
    return document.querySelector<HTMLElement>("[data-more-menu]");
  },
};

/** The dialogs that commands open. */
export function RoomDialogs() {
  const shown = useSource(shownDialog, selectAll);
  const close = (open: boolean): void => {
    if (!open) shownDialog.set(null);
  };
  return (
    <>
      <LaterShareDialog open={shown === "share"} onOpenChange={close} />
      <LaterSettingsDialog open={shown === "settings"} onOpenChange={close} opener={menu} />
    </>
  );
}
