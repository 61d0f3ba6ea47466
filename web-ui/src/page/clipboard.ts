import { pageTexts } from "../texts";

/** The two ways to write to the clipboard from a page. */
export interface ClipboardWays {
  /** The clipboard of the page; undefined on a page over plain HTTP from another machine. */
  readonly clipboard: Pick<Clipboard, "writeText"> | undefined;
  /** Copies by a selection, as a press of Ctrl+C does. Returns whether the browser did it. */
  readonly copySelected: (text: string) => boolean;
}

/** The sentence for a page that could not copy. */
export const NOT_COPIED = pageTexts.browserNotLetPageCopy;

/**
 * Copies a text to the clipboard. All buttons that copy use this function. Without the clipboard of the page, or if the
 * browser refuses it, a selection is copied. Rejects if that fails too.
 */
export async function copyText(text: string, ways: ClipboardWays = pageWays()): Promise<void> {
  try {
    if (ways.clipboard !== undefined) {
      await ways.clipboard.writeText(text);
      return;
    }
  } catch {
    // The browser refuses it, for example in a frame without the permission.
  }
  if (!ways.copySelected(text)) throw new Error("not copied");
}

const pageWays = (): ClipboardWays => ({ clipboard: navigator.clipboard, copySelected });

/** Copies a text from a field that is shown nowhere. In a dialog, the focus may not leave the dialog. */
function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.setAttribute("aria-hidden", "true");
  field.style.cssText = "position:fixed;top:0;left:-200px;width:1px;height:1px";
  (focused?.closest("[role=dialog]") ?? document.body).append(field);
  try {
    field.focus({ preventScroll: true });
    field.select();
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
