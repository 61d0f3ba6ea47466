import { Tooltip } from "radix-ui";
import { useEffect, useRef } from "react";
import { describeSync, useRoom, useSync } from "../room";

/** The state pill [U4]. Important changes are also announced; "Syncing" is not. */
export function StatePill({ short }: { readonly short: boolean }) {
  const room = useRoom();
  const sync = useSync();
  const { label, short: brief, detail } = describeSync(sync);
  const quiet = useRef(true);

  const { kind } = sync;
  const words = useRef(label);
  words.current = label;
  useEffect(() => {
    const calm = kind === "saved" || kind === "syncing";
    if (quiet.current) quiet.current = calm;
    if (!calm && !quiet.current) room.announce(words.current);
  }, [kind, room]);

  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="pill"
          data-kind={sync.kind}
          aria-label={`${label}. ${detail}`}
          data-testid="state"
        >
          <b aria-hidden="true" />
          <span>{short ? brief : label}</span>
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" sideOffset={6}>
          {detail}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
