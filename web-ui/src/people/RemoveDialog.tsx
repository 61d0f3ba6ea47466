import { AlertDialog } from "radix-ui";
import { useState } from "react";
import { peopleTexts } from "../texts";

interface Props {
  readonly name: string;
  readonly onRemove: (endLink: boolean) => void;
  readonly onClose: () => void;
}

/** Asks for confirmation before a person is removed, and explains what the removal does. */
export function RemoveDialog({ name, onRemove, onClose }: Props) {
  const [endLink, setEndLink] = useState(false);
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title asChild>
            <h2>
              {peopleTexts.remove} {name}?
            </h2>
          </AlertDialog.Title>
          <AlertDialog.Description className="dialog-note">
            {peopleTexts.theyllRemovedCantReturnUntil}
          </AlertDialog.Description>
          <label className="remove-link">
            <input type="checkbox" checked={endLink} onChange={(event) => setEndLink(event.target.checked)} />
            <span>
              {peopleTexts.alsoRevokeLinkUsed}
              <small>{peopleTexts.everyoneUsedNeedsNewLink}</small>
            </span>
          </label>
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="btn">{peopleTexts.cancel}</AlertDialog.Cancel>
            <AlertDialog.Action className="btn btn-stop" onClick={() => onRemove(endLink)}>
              {peopleTexts.remove}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
