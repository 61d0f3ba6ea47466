import { Dialog } from "radix-ui";
import { Icon } from "../icon/Icon";
import { useSource } from "../room";
import { showHelp } from "./help";

const KEYS: readonly (readonly [string, string])[] = [
  ["F6 / Shift F6", "Next or previous part of the room"],
  ["Ctrl Z", "Undo your last edit"],
  ["Ctrl Shift Z", "Redo"],
  ["Enter", "Send, in the chat and the question"],
  ["Shift Enter", "New line"],
  ["F8", "Search in the room"],
  ["Alt Enter", "Tools for the selected text"],
  ["Arrow keys", "Move or resize a window (start from its menu)"],
  ["Shift + arrow", "One pixel at a time"],
  ["Esc", "Leave a menu, a dialog, or moving a window"],
  ["?", "These keys"],
];
const isShown = (shown: boolean): boolean => shown;

export function HelpDialog() {
  const open = useSource(showHelp, isShown);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => showHelp.set(next)}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <Dialog.Title asChild>
            <h2>Keys</h2>
          </Dialog.Title>
          <dl className="keys">
            {KEYS.map(([keys, what]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <Dialog.Close className="icon-btn dialog-close" aria-label="Close">
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
