import { useRoom, useSource } from "../room";

const textOf = ({ id, text }: { id: number; text: string }): string =>
  id % 2 === 0 ? text : `${text}\u00a0`;

/** The one polite status region of the page. */
export function Announcer() {
  const text = useSource(useRoom().announcement, textOf);
  return (
    <div className="unseen" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}
