import { type FormEvent, useEffect, useId, useState } from "react";
import { type Invitation, type Role, useParticipants, useRoom } from "../room";
import { shareTexts } from "../texts";
import { EndButton } from "./EndButton";
import { errorText, LinkRow, onThisOrigin } from "./LinkRow";

const TITLES: Record<Role, string> = {
  player: shareTexts.player,
  spectator: shareTexts.spectator,
  host: shareTexts.host,
};

const DURATIONS: readonly { readonly text: string; readonly seconds: number | undefined }[] = [
  { text: "never", seconds: undefined },
  { text: shareTexts.inAnHour, seconds: 3_600 },
  { text: shareTexts.inADay, seconds: 86_400 },
  { text: shareTexts.inAWeek, seconds: 7 * 86_400 },
];

const USE_LIMITS: readonly { readonly text: string; readonly uses: number | undefined }[] = [
  { text: "unlimited", uses: undefined },
  { text: shareTexts.onePerson, uses: 1 },
  { text: "5 people", uses: 5 },
  { text: "25 people", uses: 25 },
];

/** The maximum number of ended invitations that are shown. */
const ENDED_SHOWN_MAX = 4;

/** For hosts: creates, lists and ends invitations, which are links with limits. */
export function Invitations({ onProblem }: { readonly onProblem: (text: string | null) => void }) {
  const room = useRoom();
  const [all, setAll] = useState<readonly Invitation[]>([]);

  useEffect(() => {
    let cancelled = false;
    room.api.invitations().then(
      (found) => !cancelled && setAll(found),
      (cause) => !cancelled && onProblem(errorText(cause)),
    );
    return () => {
      cancelled = true;
    };
  }, [room, onProblem]);

  const end = async (id: string): Promise<void> => {
    try {
      const ended = await room.api.endInvitation(id);
      setAll((before) => before.map((each) => (each.id === id ? ended : each)));
      onProblem(null);
      room.announce(shareTexts.theInvitationWasEnded);
    } catch (cause) {
      onProblem(errorText(cause));
    }
  };

  const newest = [...all].reverse();
  const usable = newest.filter(({ state }) => state === "open" || state === "used-up");
  const ended = newest.filter(({ state }) => state !== "open" && state !== "used-up");
  return (
    <section className="invitations" aria-label={shareTexts.invitations}>
      <h3>{shareTexts.expiringInvitations}</h3>
      <InviteForm onMade={(made) => setAll((before) => [...before, made])} onProblem={onProblem} />
      {usable.length > 0 && (
        <div className="share">
          {usable.map((each) => (
            <Row key={each.id} invitation={each} onEnd={() => end(each.id)} />
          ))}
        </div>
      )}
      {ended.length > 0 && (
        <ul className="invitations-over" aria-label={shareTexts.invitationsThatAreOver}>
          {ended.slice(0, ENDED_SHOWN_MAX).map((each) => (
            <li key={each.id}>
              <b>{TITLES[each.role]}</b>
              <span>{each.state === "expired" ? shareTexts.expired : shareTexts.ended}</span>
            </li>
          ))}
          {ended.length > ENDED_SHOWN_MAX && (
            <li>
              {shareTexts.and} {ended.length - ENDED_SHOWN_MAX} {shareTexts.more}
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function Row({
  invitation,
  onEnd,
}: {
  readonly invitation: Invitation;
  readonly onEnd: () => Promise<void>;
}) {
  const by = useParticipants().find((person) => person.id === invitation.by)?.name ?? shareTexts.aHost;
  return (
    <LinkRow
      title={TITLES[invitation.role]}
      text={[...limitTexts(invitation, Date.now()), shareTexts.madeBy(by)].join(" · ")}
      url={onThisOrigin(invitation.link)}
    >
      <EndButton
        label={shareTexts.revokeThisInvitation(TITLES[invitation.role])}
        question={shareTexts.everyoneDisconnected}
        onEnd={onEnd}
      />
    </LinkRow>
  );
}

/** The limits of an invitation in words, such as "2 of 5 joined" and "2 days left". */
export function limitTexts(invitation: Invitation, now: number): string[] {
  const parts: string[] = [];
  if (invitation.uses !== null) {
    const used = invitation.used ?? 0;
    parts.push(
      used >= invitation.uses ? shareTexts.noPlacesLeft : shareTexts.ofJoined(used, invitation.uses),
    );
  }
  if (invitation.expiresAt !== null) parts.push(shareTexts.left(durationText(invitation.expiresAt - now)));
  return parts;
}

/** A duration, rounded up to minutes or to the nearest hours or days. */
function durationText(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000));
  if (minutes < 90) return minutes === 1 ? "1 minute" : shareTexts.minutes(minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? shareTexts.hours(hours) : shareTexts.days(Math.round(hours / 24));
}

function InviteForm({
  onMade,
  onProblem,
}: {
  readonly onMade: (invitation: Invitation) => void;
  readonly onProblem: (text: string | null) => void;
}) {
  const room = useRoom();
  const id = useId();
  const [role, setRole] = useState<Role>("player");
  const [durationIndex, setDurationIndex] = useState(2);
  const [usesIndex, setUsesIndex] = useState(0);
  const [busy, setBusy] = useState(false);

  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      onMade(
        await room.api.invite({
          role,
          ttlSeconds: DURATIONS[durationIndex]?.seconds,
          uses: USE_LIMITS[usesIndex]?.uses,
        }),
      );
      onProblem(null);
      room.announce(shareTexts.invitationCreatedCopyLink);
    } catch (cause) {
      onProblem(errorText(cause));
    }
    setBusy(false);
  };

  return (
    <form className="invite" onSubmit={make}>
      <div>
        <label htmlFor={`${id}-role`}>{shareTexts.role}</label>
        <select
          id={`${id}-role`}
          className="field"
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
        >
          {(Object.keys(TITLES) as Role[]).map((each) => (
            <option key={each} value={each}>
              {TITLES[each]}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor={`${id}-end`}>{shareTexts.expires}</label>
        <select
          id={`${id}-end`}
          className="field"
          value={durationIndex}
          onChange={(event) => setDurationIndex(Number(event.target.value))}
        >
          {DURATIONS.map(({ text }, index) => (
            <option key={text} value={index}>
              {text}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor={`${id}-places`}>{shareTexts.uses}</label>
        <select
          id={`${id}-places`}
          className="field"
          value={usesIndex}
          onChange={(event) => setUsesIndex(Number(event.target.value))}
        >
          {USE_LIMITS.map(({ text }, index) => (
            <option key={text} value={index}>
              {text}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" className="btn" disabled={busy}>
        {shareTexts.invite}
      </button>
    </form>
  );
}
