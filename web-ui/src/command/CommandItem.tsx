import { DropdownMenu } from "radix-ui";
import { Icon } from "../icon/Icon";
import { useRoom } from "../room";
import { ariaKey, isApple, shownKey } from "./keys";
import { commandsIn, runCommand } from "./registry";

/** A menu item that runs a command. */
export function CommandItem({ id }: { readonly id: string }) {
  const command = commandsIn(useRoom()).get(id);
  const reason = command.blocked?.() ?? null;
  return (
    <DropdownMenu.Item
      className="menu-item"
      disabled={reason !== null}
      title={reason ?? undefined}
      onSelect={() => runCommand(command)}
    >
      <Icon name={command.icon} />
      {command.name}
      {command.keys !== undefined && (
        <span className="menu-hint menu-keys" aria-hidden="true">
          {shownKey(command.keys, isApple())}
        </span>
      )}
    </DropdownMenu.Item>
  );
}

/** A button with an icon that runs a command. */
export function CommandButton({ id }: { readonly id: string }) {
  const command = commandsIn(useRoom()).get(id);
  const reason = command.blocked?.() ?? null;
  return (
    <button
      type="button"
      className="icon-btn"
      aria-label={command.name}
      aria-keyshortcuts={command.keys === undefined ? undefined : ariaKey(command.keys, isApple())}
      title={reason ?? undefined}
      disabled={reason !== null}
      onClick={() => runCommand(command)}
    >
      <Icon name={command.icon} />
    </button>
  );
}
