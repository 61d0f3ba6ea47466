import { AlertDialog } from "radix-ui";
import { useState } from "react";

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
            <h2>Remove {name}?</h2>
          </AlertDialog.Title>
          <AlertDialog.Description className="dialog-note">
            They'll be removed now and can't return until a host lets them back in. Their text stays. They
            could still use a link to join under a new name.
          </AlertDialog.Description>
          <label className="remove-link">
            <input type="checkbox" checked={endLink} onChange={(event) => setEndLink(event.target.checked)} />
            <span>
              Also revoke the link they used
              <small>Everyone who used it needs a new link.</small>
            </span>
          </label>
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="btn">Cancel</AlertDialog.Cancel>
            <AlertDialog.Action className="btn btn-stop" onClick={() => onRemove(endLink)}>
              Remove
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
