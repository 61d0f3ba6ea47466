import { CommandButton } from "../command/CommandItem";
import { WindowsMenu } from "../desktop/WindowsMenu";
import { withBase } from "../page/base";
import { go } from "../page/route";
import { People } from "../people/People";
import { useOffline, usePeople, useUndo } from "../room";
import { shellTexts } from "../texts";
import { HelpDialog } from "./HelpDialog";
import { MoreMenu } from "./MoreMenu";
import { ShareButton } from "./ShareButton";
import { StatePill } from "./StatePill";
import { TitleField } from "./TitleField";

export function Header({ phone }: { readonly phone: boolean }) {
  const isOffline = useOffline();
  // Without the server the page sees no other person, also if others are in the room.
  const alone = usePeople().every((person) => person.isMe || person.status === "offline") && !isOffline;
  return (
    <header className="top" data-region tabIndex={-1}>
      <a
        className="mark"
        href={withBase("/")}
        aria-label={shellTexts.parlorAllRooms}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          go(withBase("/"));
        }}
      >
        <i aria-hidden="true" />
        {!phone && <span>{shellTexts.parlor}</span>}
      </a>
      {!phone && <span className="top-line" aria-hidden="true" />}
      <TitleField />
      <StatePill short={phone} />
      <span className="grow" />
      {!phone && <UndoButtons />}
      {!phone && <CommandButton id="search" />}
      {!phone && <WindowsMenu />}
      <People compact={phone} />
      {(!phone || alone) && <ShareButton alone={alone} compact={phone} />}
      <MoreMenu phone={phone} />
      <HelpDialog />
    </header>
  );
}

function UndoButtons() {
  const { canUndo, canRedo } = useUndo();
  if (!canUndo && !canRedo) return null;
  return (
    <span className="top-undo">
      <CommandButton id="undo" />
      <CommandButton id="redo" />
    </span>
  );
}
