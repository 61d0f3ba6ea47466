import { Dialog } from "radix-ui";
import { isApple, shownKey } from "../command/keys";
import { commandsIn } from "../command/registry";
import { Icon } from "../icon/Icon";
import { useRoom, useSource } from "../room";
import { selectionTexts, shellTexts } from "../texts";
import { showHelp } from "./help";

/** Keys that belong to one element, and are therefore no commands. */
const LOCAL_KEYS: readonly (readonly [string, string])[] = [
  ["Enter", shellTexts.sendChatQuestion],
  [shellTexts.shiftEnter, shellTexts.newLine],
  [selectionTexts.toolsKey, selectionTexts.toolsFor],
  [shellTexts.arrowKeys, shellTexts.moveResizeWindowStartMenu],
  [shellTexts.shiftArrow, shellTexts.onePixelTime],
  [shellTexts.esc, shellTexts.leaveMenuDialogMovingWindow],
];
const isShown = (shown: boolean): boolean => shown;

export function HelpDialog() {
  const open = useSource(showHelp, isShown);
  const registry = commandsIn(useRoom());
  const keys = open
    ? [
        ...registry
          .all()
          .flatMap(({ keys, name }) =>
            keys === undefined ? [] : [[shownKey(keys, isApple()), name] as const],
          ),
        ...LOCAL_KEYS,
      ]
    : [];
  return (
    <Dialog.Root open={open} onOpenChange={(next) => showHelp.set(next)}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <Dialog.Title asChild>
            <h2>{shellTexts.keys}</h2>
          </Dialog.Title>
          <dl className="keys">
            {keys.map(([keys, what]) => (
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
