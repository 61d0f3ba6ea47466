import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { Icon } from "../icon/Icon";
import { roomPath } from "../page/route";
import { type Links, type Role, useRoom } from "../room";
import { replaceEndedLink } from "../room/ownAddress";
import { shareTexts } from "../texts";
import { EndButton } from "./EndButton";
import { Invitations } from "./Invitations";
import { errorText, LinkRow, onThisOrigin } from "./LinkRow";
import { RecoveryForm } from "./RecoveryForm";
import { RecoveryKey } from "./RecoveryKey";
import { RoomLock } from "./RoomLock";
import "./share.css";

const ROLE_LINKS: readonly { readonly role: Role; readonly title: string; readonly text: string }[] = [
  { role: "player", title: shareTexts.player, text: shareTexts.canPlayCardsWriteMove },
  { role: "spectator", title: shareTexts.spectator, text: shareTexts.canSeeEverythingCantChange },
  { role: "host", title: shareTexts.host, text: shareTexts.fullControlIncludingSettings },
];

export interface ShareProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/**
 * The dialog with the room's links, one for each role, and with invitations for hosts. A host gets all links from the
 * server. Other people share the link that they used.
 */
export function ShareDialog({ open, onOpenChange }: ShareProps) {
  const room = useRoom();
  const [links, setLinks] = useState<Links | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isHost = room.role === "host";

  useEffect(() => {
    if (!open || !isHost || links !== null) return;
    let cancelled = false;
    room.api.links().then(
      (found) => {
        if (cancelled) return;
        setLinks(found);
        setProblem(null);
      },
      (cause) => {
        if (!cancelled) setProblem(errorText(cause));
      },
    );
    return () => {
      cancelled = true;
    };
  }, [open, isHost, links, room]);

  /** Ends a link and gets a new one. If this page uses the ended link, its address changes to the new link. */
  const replace = async (role: Role): Promise<void> => {
    try {
      const next = await room.api.replaceLink(role);
      if (links !== null) replaceEndedLink(room, links, next);
      setLinks(next);
      setProblem(null);
      room.announce(shareTexts.linkRevokedNewOne);
    } catch (cause) {
      setProblem(errorText(cause));
    }
  };

  const isOwner = room.record.owner === room.me.identity;
  const ownLink = window.location.origin + roomPath(room.slug, room.record.key);
  // A host may have joined by another role's link, so a host sees no link until the server has sent all of them.
  const all = links === null ? [] : ROLE_LINKS;
  const shownLinks = isHost ? all : ROLE_LINKS.filter((offer) => offer.role === room.role);
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
            <h2>{shareTexts.invitePeople}</h2>
          </Dialog.Title>
          <Dialog.Description className="dialog-note">{shareTexts.anyoneLinkCanJoinRole}</Dialog.Description>
          {problem !== null && (
            <p className="share-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="share">
            {shownLinks.map((offer) => (
              <LinkRow
                key={offer.role}
                title={offer.title}
                text={offer.text}
                primary={offer.role === "player"}
                url={links === null ? ownLink : onThisOrigin(links[offer.role])}
              >
                {links !== null && (
                  <EndButton
                    label={shareTexts.revokeTheLink(offer.title)}
                    question={shareTexts.everyoneDisconnectedUntilNewLink}
                    onEnd={() => replace(offer.role)}
                  />
                )}
              </LinkRow>
            ))}
          </div>
          {isHost && <RoomLock onProblem={setProblem} />}
          {isHost && <Invitations onProblem={setProblem} />}
          {isOwner && <RecoveryKey onProblem={setProblem} />}
          {!isOwner && (
            <div className="share-recovery">
              <RecoveryForm slug={room.slug} me={room.me} onOwner={() => room.notify(shareTexts.ownRoom)} />
            </div>
          )}
          <Dialog.Close className="icon-btn dialog-close" aria-label={shareTexts.close}>
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
