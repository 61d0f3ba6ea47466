import { commandsIn, runCommand } from "../command/registry";
import { Icon } from "../icon/Icon";
import { useRoom } from "../room";

/** The button that opens the dialog with the room's links. It stands out while a person is alone in the room. */
export function ShareButton({ alone, compact }: { readonly alone: boolean; readonly compact: boolean }) {
  const command = commandsIn(useRoom()).get("share");
  return (
    <button
      type="button"
      className={alone ? "btn btn-go" : "btn"}
      aria-label={command.name}
      onClick={() => runCommand(command)}
    >
      <Icon name="invite" />
      {!compact && command.name}
    </button>
  );
}
