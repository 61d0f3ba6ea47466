import { Dialog } from "radix-ui";
import { Icon } from "../icon/Icon";
import { useSource } from "../room";
import { shellTexts } from "../texts";
import { showHelp } from "./help";

const KEYS: readonly (readonly [string, string])[] = [
  [shellTexts.f6ShiftF6, shellTexts.nextPreviousPartRoom],
  [shellTexts.ctrlZ, shellTexts.undoYourLastEdit],
  [shellTexts.ctrlShiftZ, shellTexts.redo],
  ["Enter", shellTexts.sendChatQuestion],
  [shellTexts.shiftEnter, shellTexts.newLine],
  [shellTexts.arrowKeys, shellTexts.moveResizeWindowStartMenu],
  [shellTexts.shiftArrow, shellTexts.onePixelTime],
  [shellTexts.esc, shellTexts.leaveMenuDialogMovingWindow],
  ["?", shellTexts.theseKeys],
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
            <h2>{shellTexts.keys}</h2>
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
          <Dialog.Close className="icon-btn dialog-close" aria-label={shellTexts.close}>
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
