import { WindowsMenu } from "../desktop/WindowsMenu";
import { Icon } from "../icon/Icon";
import { go } from "../page/route";
import { People } from "../people/People";
import { useRoom, useUndo } from "../room";
import { HelpDialog } from "./HelpDialog";
import { MoreMenu } from "./MoreMenu";
import { ShareButton } from "./ShareButton";
import { StatePill } from "./StatePill";
import { TitleField } from "./TitleField";

export function Header({ phone }: { readonly phone: boolean }) {
  return (
    <header className="top" data-region tabIndex={-1}>
      <a
        className="mark"
        href="/"
        aria-label="Parlor, all rooms"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          go("/");
        }}
      >
        <i aria-hidden="true" />
        {!phone && <span>Parlor</span>}
      </a>
      {!phone && <span className="top-line" aria-hidden="true" />}
      <TitleField />
      <StatePill short={phone} />
      <span className="grow" />
      {!phone && <UndoButtons />}
      {!phone && <WindowsMenu />}
      <People compact={phone} />
      {!phone && <ShareButton />}
      <MoreMenu phone={phone} />
      <HelpDialog />
    </header>
  );
}

function UndoButtons() {
  const room = useRoom();
  const { canUndo, canRedo } = useUndo();
  if (!canUndo && !canRedo) return null;
  return (
    <span className="top-undo">
      <button
        type="button"
        className="icon-btn"
        aria-label="Undo"
        disabled={!canUndo}
        onClick={() => room.undo()}
      >
        <Icon name="undo" />
      </button>
      <button
        type="button"
        className="icon-btn"
        aria-label="Redo"
        disabled={!canRedo}
        onClick={() => room.redo()}
      >
        <Icon name="redo" />
      </button>
    </span>
  );
}
