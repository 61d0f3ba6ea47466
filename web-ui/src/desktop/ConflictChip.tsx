import { Popover } from "radix-ui";
import { useMemo } from "react";
import {
  pickWindowValue,
  type RoomWindow,
  useConflict,
  useConflictAuthors,
  useParticipants,
  useRoom,
} from "../room";
import { desktopTexts } from "../texts";
import { titleOf } from "./panels";

/**
 * Shows that two people have moved, resized or renamed a window at the same time, and lets a person choose one of the
 * values [U31]. Until then, every peer shows the same value, and the other value is not lost.
 */
export function ConflictChip({ window }: { readonly window: RoomWindow }) {
  const moves = useConflict(useMemo(() => ["windows", window.id, "pos"], [window.id]));
  const sizes = useConflict(useMemo(() => ["windows", window.id, "size"], [window.id]));
  const titles = useConflict(useMemo(() => ["windows", window.id, "title"], [window.id]));
  if (titles.length > 1)
    return <Chip window={window} field="title" values={titles} verb={desktopTexts.named} />;
  if (moves.length > 1)
    return <Chip window={window} field="pos" values={moves} verb={desktopTexts.movedVerb} />;
  if (sizes.length > 1)
    return <Chip window={window} field="size" values={sizes} verb={desktopTexts.resizedVerb} />;
  return null;
}

interface Props {
  readonly window: RoomWindow;
  readonly field: "pos" | "size" | "title";
  readonly values: readonly string[];
  readonly verb: string;
}

function Chip({ window, field, values, verb }: Props) {
  const room = useRoom();
  const participants = useParticipants();
  const authors = useConflictAuthors(useMemo(() => ["windows", window.id, field], [window.id, field]));
  const nameOf = (value: string): string | null => {
    const id = authors[value];
    if (id === undefined) return null;
    return id === room.me.identity ? "you" : (participants.find((person) => person.id === id)?.name ?? null);
  };
  const names = values.map((value) => nameOf(value) ?? desktopTexts.someone);
  const [first = "", second = ""] = names.includes("you")
    ? [desktopTexts.you, names.find((name) => name !== "you") ?? desktopTexts.someone]
    : names;
  return (
    <Popover.Root>
      <Popover.Trigger className="chip" data-testid="conflict">
        {desktopTexts.bothDid(first, second, verb)}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu"
          sideOffset={6}
          collisionPadding={8}
          aria-label={
            field === "title" ? desktopTexts.titlesOfThisWindow : desktopTexts.placesOf(titleOf(window))
          }
        >
          <p className="menu-label">
            {field === "title" ? desktopTexts.twoTitlesAtOnce : desktopTexts.twoPlacesAtOnce}{" "}
            {desktopTexts.whichToKeep}
          </p>
          {values.map((value, i) => (
            <Popover.Close asChild key={value}>
              <button
                type="button"
                className="menu-item menu-button"
                disabled={!room.canEdit}
                onClick={() => {
                  room.run(pickWindowValue(window.id, field, value));
                  room.announce(desktopTexts.picked);
                }}
              >
                {field === "title"
                  ? value || desktopTexts.noTitle
                  : i === 0
                    ? desktopTexts.currentPosition
                    : desktopTexts.theOtherPosition}
                {nameOf(value) !== null && <span className="menu-hint">{nameOf(value)}</span>}
              </button>
            </Popover.Close>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
