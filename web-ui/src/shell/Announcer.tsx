import { useRoom, useSource } from "../room";

/** Appends a space to the texts of odd ids. Two equal texts in a row then differ, so screen readers read both. */
const textOf = ({ id, text }: { id: number; text: string }): string =>
  id % 2 === 0 ? text : `${text}\u00a0`;

/** The page's only polite status region. Screen readers read the room's announcements from it. */
export function Announcer() {
  const text = useSource(useRoom().announcement, textOf);
  return (
    <div className="unseen" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}
