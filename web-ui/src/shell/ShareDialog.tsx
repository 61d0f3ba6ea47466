import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { Icon } from "../icon/Icon";
import { type Links, type Role, useRoom } from "../room";
import { followSuccessor } from "../room/ownAddress";
import { EndButton } from "./EndButton";
import { Invitations } from "./Invitations";
import { asSentence, here, LinkRow } from "./LinkRow";
import { RecoverHere } from "./Recover";
import { RecoveryKey } from "./RecoveryKey";
import "./share.css";

export function ShareButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        Share
      </button>
      <ShareDialog open={open} onOpenChange={setOpen} />
    </>
  );
}

const OFFERS: readonly { readonly role: Role; readonly title: string; readonly text: string }[] = [
  { role: "player", title: "Play along", text: "Can play cards, write, move windows and generate." },
  { role: "spectator", title: "Watch", text: "Can see everything, can't change anything." },
  { role: "host", title: "Host", text: "Full control, including settings and links. Share it sparingly." },
];

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/**
 * Links with a role in each, and for hosts invitations. A host gets all links from the server; others pass on the link
 * that they used.
 */
export function ShareDialog({ open, onOpenChange }: Props) {
  const room = useRoom();
  const [links, setLinks] = useState<Links | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isHost = room.role === "host";

  useEffect(() => {
    if (!open || !isHost || links !== null) return;
    let left = false;
    room.api.links().then(
      (found) => {
        if (left) return;
        setLinks(found);
        setProblem(null);
      },
      (cause) => {
        if (!left) setProblem(asSentence(cause));
      },
    );
    return () => {
      left = true;
    };
  }, [open, isHost, links, room]);

  /** Ends a link. If this page uses the ended link, it continues with the new link. */
  const replace = async (role: Role): Promise<void> => {
    try {
      const next = await room.api.replaceLink(role);
      if (links !== null) followSuccessor(room, links, next);
      setLinks(next);
      setProblem(null);
      room.announce("The link was ended. There is a new one.");
    } catch (cause) {
      setProblem(asSentence(cause));
    }
  };

  const owner = room.known.owner === room.me.identity;
  const own = `${window.location.origin}/r/${room.slug}#k=${room.known.key}`;
  // The key that a host came by is not the host link's: until the server has given the links, there is none to show.
  const all = links === null ? [] : OFFERS;
  const offers = isHost ? all : OFFERS.filter((offer) => offer.role === room.role);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog share-dialog"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
        >
          <Dialog.Title asChild>
            <h2>Bring someone in</h2>
          </Dialog.Title>
          <Dialog.Description className="dialog-note">
            Anyone with a link can come in with its role.
          </Dialog.Description>
          {problem !== null && (
            <p className="share-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="share">
            {offers.map((offer) => (
              <LinkRow
                key={offer.role}
                title={offer.title}
                text={offer.text}
                url={links === null ? own : here(links[offer.role])}
              >
                {links !== null && (
                  <EndButton
                    label={`End the link: ${offer.title}`}
                    question="Everyone who joined with it is disconnected until you send them the new link."
                    onEnd={() => replace(offer.role)}
                  />
                )}
              </LinkRow>
            ))}
          </div>
          {isHost && <Invitations onProblem={setProblem} />}
          {owner && <RecoveryKey onProblem={setProblem} />}
          {!owner && (
            <div className="share-recovery">
              <RecoverHere
                slug={room.slug}
                me={room.me}
                onOwner={() => room.notify("You own this room now.")}
              />
            </div>
          )}
          <Dialog.Close className="icon-btn dialog-close" aria-label="Close">
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
