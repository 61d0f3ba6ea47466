import { useId } from "react";
import {
  PARTS,
  type Part,
  type PartState,
  retryPart,
  setSetting,
  switchHere,
  usePartState,
  useRoom,
} from "../room";

const NAMES: Record<Part, string> = {
  cursors: "Cursors",
  carets: "Names in texts",
  typing: "Who is writing",
  patterns: "Patterns",
};

const TEXTS: Record<Part, string> = {
  cursors: "Shows where others are pointing.",
  carets: "Where others write in a note or on a card.",
  typing: "Shows when someone is typing.",
  patterns: "Windows that draw waves.",
};

const STATES: Record<PartState, string> = {
  on: "",
  "off-for-all": "Off for everybody",
  "off-here": "Off on this device",
  failed: "Stopped here after an error; the rest works.",
};

/** The switches of the optional parts: a host's for all people, and each person's for this device. */
export function PartsSetting({ locked }: { readonly locked: boolean }) {
  const id = useId();
  return (
    <section className="setting parts" aria-labelledby={id}>
      <h3 id={id}>Optional features</h3>
      <p className="parts-head">
        <small>The room works without them.</small>
        <span aria-hidden="true">For everyone</span>
        <span aria-hidden="true">For me</span>
      </p>
      <ul>
        {PARTS.map((part) => (
          <Row key={part} part={part} locked={locked} />
        ))}
      </ul>
    </section>
  );
}

function Row({ part, locked }: { readonly part: Part; readonly locked: boolean }) {
  const room = useRoom();
  const state = usePartState(part);
  const id = useId();
  const name = NAMES[part];
  return (
    <li data-part={part} data-state={state}>
      <span className="parts-what">
        <b>{name}</b>
        <small>{TEXTS[part]}</small>
        <small className="parts-state" id={id} role="status">
          {STATES[state]}
          {state === "failed" && (
            <button type="button" className="p-link" onClick={() => retryPart(part)}>
              Try again
            </button>
          )}
        </small>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-label={`${name} for everybody`}
        aria-describedby={id}
        aria-checked={state !== "off-for-all"}
        checked={state !== "off-for-all"}
        disabled={locked}
        onChange={(event) => room.run(setSetting(part, event.target.checked))}
      />
      <input
        type="checkbox"
        role="switch"
        aria-label={`${name} on this device`}
        aria-describedby={id}
        aria-checked={state !== "off-here"}
        checked={state !== "off-here" && state !== "off-for-all"}
        disabled={state === "off-for-all"}
        onChange={(event) => switchHere(part, event.target.checked)}
      />
    </li>
  );
}
