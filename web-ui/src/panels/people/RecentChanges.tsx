import { useState } from "react";
import { colorVar, useActivity, useRoom } from "../../room";
import { peopleTexts } from "../../texts";
import { usePersonOf } from "../shared/people";
import { timeOrDate } from "../shared/time";
import { actionText } from "./actionTexts";

const SHOWN_MAX = 12;

/**
 * A list of the recent window changes with their authors, in a disclosure that is closed at first.
 */
export function RecentChanges({ titleOf }: { readonly titleOf: (id: string) => string | null }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="people-recent" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{peopleTexts.recentChanges}</summary>
      {open && <List titleOf={titleOf} />}
    </details>
  );
}

function List({ titleOf }: { readonly titleOf: (id: string) => string | null }) {
  const { me } = useRoom();
  const activity = useActivity();
  const person = usePersonOf();
  if (activity.length === 0) return <p className="people-quiet">{peopleTexts.noWindowChangedYet}</p>;
  return (
    <ol aria-label={peopleTexts.recentChangesOfWindows}>
      {activity.slice(0, SHOWN_MAX).map((each) => {
        const author = person(each.by);
        return (
          <li key={each.key} data-action={each.action}>
            <span>
              <b style={{ color: colorVar(author.color) }}>
                {each.by === me.identity
                  ? peopleTexts.youName
                  : each.by === ""
                    ? peopleTexts.someone
                    : author.name}
              </b>{" "}
              {actionText(each, titleOf)}
            </span>
            <time dateTime={new Date(each.at).toISOString()}>{timeOrDate(each.at, Date.now())}</time>
          </li>
        );
      })}
    </ol>
  );
}
