import { Dialog } from "radix-ui";
import { useEffect, useId, useRef, useState } from "react";
import { ApiProblem, type Links, type Role, useRoom } from "../room";
import { Icon } from "./Icon";

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
  { role: "player", title: "Play along", text: "Plays cards, writes, moves windows, generates." },
  { role: "spectator", title: "Watch", text: "Sees everything, changes nothing." },
  { role: "host", title: "Host", text: "As you: also settings and these links. Give it to few." },
];

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Links with a role in each. A host gets all three from the server; others pass on the link that they came by. */
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
        if (left) return;
        const offline = !(cause instanceof ApiProblem) || cause.unreachable;
        setProblem(offline ? "The links come from the server, which does not answer now." : cause.message);
      },
    );
    return () => {
      left = true;
    };
  }, [open, isHost, links, room]);

  const own = `${window.location.origin}/r/${room.slug}#k=${room.known.key}`;
  const offers = isHost && links !== null ? OFFERS : OFFERS.filter((offer) => offer.role === room.role);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
        >
          <Dialog.Title asChild>
            <h2>Bring someone in</h2>
          </Dialog.Title>
          <Dialog.Description className="dialog-note">
            A link is all it takes. Whoever has it can come in with that role.
          </Dialog.Description>
          {problem !== null && (
            <p className="share-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="share">
            {offers.map((offer) => (
              <LinkRow key={offer.role} {...offer} url={links === null ? own : here(links[offer.role])} />
            ))}
          </div>
          <Dialog.Close className="icon-btn dialog-close" aria-label="Close">
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The server knows itself by one address; people here reach it by this page's. */
function here(link: string): string {
  const url = new URL(link, window.location.href);
  return window.location.origin + url.pathname + url.hash;
}

function LinkRow({
  title,
  text,
  url,
}: {
  readonly title: string;
  readonly text: string;
  readonly url: string;
}) {
  const room = useRoom();
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      field.current?.select();
      room.announce("Copying is not allowed here. The link is selected; press Ctrl C.");
      return;
    }
    setCopied(true);
    room.announce("Copied");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), 2_000);
  };

  return (
    <div className="share-row">
      <label htmlFor={id}>
        <b>{title}</b>
        <small>{text}</small>
      </label>
      <input
        ref={field}
        id={id}
        className="field"
        readOnly
        value={url}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button
        type="button"
        className="btn"
        onClick={() => void copy()}
        aria-label={`Copy the link: ${title}`}
      >
        <Icon name={copied ? "check" : "copy"} />
        {copied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
