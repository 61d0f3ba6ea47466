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
import { partsTexts } from "../texts";

const NAMES: Record<Part, string> = {
  cursors: partsTexts.cursors,
  carets: partsTexts.namesInTexts,
  typing: partsTexts.whoIsWriting,
  patterns: partsTexts.patterns,
};

const TEXTS: Record<Part, string> = {
  cursors: partsTexts.showsWhereOthersPointing,
  carets: partsTexts.whereOthersWriteNoteCard,
  typing: partsTexts.showsSomeoneTyping,
  patterns: partsTexts.windowsThatDrawWaves,
};

const STATES: Record<PartState, string> = {
  on: "",
  "off-for-all": partsTexts.offForEverybody,
  "off-here": partsTexts.offOnThisDevice,
  failed: partsTexts.stoppedAfterErrorRestWorks,
};

/** The switches of the optional parts: a host's for all people, and each person's for this device. */
export function PartsSetting({ locked }: { readonly locked: boolean }) {
  const id = useId();
  return (
    <section className="setting parts" aria-labelledby={id}>
      <h3 id={id}>{partsTexts.optionalFeatures}</h3>
      <p className="parts-head">
        <small>{partsTexts.roomWorksWithout}</small>
        <span aria-hidden="true">{partsTexts.forEveryone}</span>
        <span aria-hidden="true">{partsTexts.forMe}</span>
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
              {partsTexts.tryAgain}
            </button>
          )}
        </small>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-label={partsTexts.forEverybody(name)}
        aria-describedby={id}
        aria-checked={state !== "off-for-all"}
        checked={state !== "off-for-all"}
        disabled={locked}
        onChange={(event) => room.run(setSetting(part, event.target.checked))}
      />
      <input
        type="checkbox"
        role="switch"
        aria-label={partsTexts.onThisDevice(name)}
        aria-describedby={id}
        aria-checked={state !== "off-here"}
        checked={state !== "off-here" && state !== "off-for-all"}
        disabled={state === "off-for-all"}
        onChange={(event) => switchHere(part, event.target.checked)}
      />
    </li>
  );
}
