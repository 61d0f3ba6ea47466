import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { Icon, type IconName } from "../icon/Icon";
import { ApiProblem, type Person, type Role, useRoom } from "../room";
import { replaceEndedLink } from "../room/ownAddress";
import { peopleTexts } from "../texts";
import { RemoveDialog } from "./RemoveDialog";

const ROLES: readonly { readonly role: Role; readonly text: string; readonly icon: IconName }[] = [
  { role: "host", text: peopleTexts.makeHost, icon: "people" },
  { role: "player", text: peopleTexts.makePlayer, icon: "pencil" },
  { role: "spectator", text: peopleTexts.makeSpectator, icon: "eye" },
];

/** A host's actions on a person: change the role, remove, let in again [U21]. Only hosts see the menu. */
export function PersonMenu({ person }: { readonly person: Person }) {
  const room = useRoom();
  const [removing, setRemoving] = useState(false);
  const { owner } = room.record;
  const isOwner = owner === room.me.identity;
  if (room.role !== "host" || person.isMe || person.guest || person.id === owner) return null;
  // Only the owner can demote or remove a host. In a room without an owner, every host can.
  if (person.role === "host" && !person.removed && !isOwner && (owner ?? null) !== null) return null;

  const perform = async (request: Promise<unknown>, done: string): Promise<void> => {
    try {
      await request;
      room.notify(done);
    } catch (cause) {
      const offline = !(cause instanceof ApiProblem) || cause.unreachable;
      room.notify(offline ? peopleTexts.serverNotAnswerNothingChanged : cause.message);
    }
  };

  const remove = async (endLink: boolean): Promise<void> => {
    const before = endLink ? await room.api.links() : null;
    await room.api.remove(person.id, endLink);
    if (before !== null) replaceEndedLink(room, before, await room.api.links());
  };

  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          className="icon-btn person-more"
          aria-label={peopleTexts.roleAndAccess(person.name)}
        >
          <Icon name="more" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
            {person.removed ? (
              <DropdownMenu.Item
                className="menu-item"
                onSelect={() =>
                  void perform(room.api.letInAgain(person.id), peopleTexts.mayComeInAgain(person.name))
                }
              >
                <Icon name="arrow" />
                {peopleTexts.letInAgain}
              </DropdownMenu.Item>
            ) : (
              <>
                {ROLES.filter(({ role }) => role !== person.role).map(({ role, text, icon }) => (
                  <DropdownMenu.Item
                    key={role}
                    className="menu-item"
                    onSelect={() =>
                      void perform(room.api.setRole(person.id, role), ROLE_CHANGED[role](person.name))
                    }
                  >
                    <Icon name={icon} />
                    {text}
                  </DropdownMenu.Item>
                ))}
                <DropdownMenu.Separator className="menu-line" />
                <DropdownMenu.Item className="menu-item" onSelect={() => setRemoving(true)}>
                  <Icon name="remove" />
                  {peopleTexts.removeFromTheRoom}
                </DropdownMenu.Item>
              </>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {removing && (
        <RemoveDialog
          name={person.name}
          onClose={() => setRemoving(false)}
          onRemove={(endLink) => void perform(remove(endLink), peopleTexts.outRoom(person.name))}
        />
      )}
    </>
  );
}

const ROLE_CHANGED: Record<Role, (name: string) => string> = {
  host: (name) => peopleTexts.isAHostNow(name),
  player: (name) => peopleTexts.canPlayNow(name),
  spectator: (name) => peopleTexts.canOnlyWatchNow(name),
};
