import { Tooltip } from "radix-ui";
import { useEffect, useRef } from "react";
import { describeSync, useRoom, useSync } from "../room";

/** The state pill [U4]. It announces each new state to screen readers, except Saved and Syncing. */
export function StatePill({ short }: { readonly short: boolean }) {
  const room = useRoom();
  const sync = useSync();
  const { label, short: brief, detail } = describeSync(sync);

  const { kind } = sync;
  const latestLabel = useRef(label);
  latestLabel.current = label;
  useEffect(() => {
    if (kind !== "saved" && kind !== "syncing") room.announce(latestLabel.current);
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
