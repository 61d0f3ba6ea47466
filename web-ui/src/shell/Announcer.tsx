import { useRoom, useSource } from "../room";

/** Alternates a trailing space by the announcement's id, so that screen readers read an equal text again. */
const textOf = ({ id, text }: { id: number; text: string }): string =>
  id % 2 === 0 ? text : `${text}\u00a0`;

/** The page's only polite status region. It reads the room's announcements to screen readers. */
export function Announcer() {
  const text = useSource(useRoom().announcement, textOf);
  return (
    <div className="unseen" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}
