import { useState } from "react";
import { Icon } from "../../icon/Icon";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import { editAppCode, type RoomWindow, useRoom } from "../../room";
import { CollabText } from "../notes/CollabText";
import { HighlightedCode } from "../output/CodeBlock";
import { useCopy } from "../shared/useCopy";
import { parseRef, type Version } from "./sources";

/** The view of differences. It is loaded when a person first compares versions. */
const difference = new LazyCode(() => import("./Difference"));

type Props = {
  readonly window: RoomWindow;
  readonly version: Version;
  readonly versions: readonly Version[];
};

/** The code of an app: read-only while it is an answer, a shared editor after Edit code. */
export function CodeTab({ window: shown, version, versions }: Props) {
  const room = useRoom();
  const { copied, copy } = useCopy();
  const [compared, setCompared] = useState<string | null>(null);
  const ref = parseRef(version.ref);
  const { name, code, language } = version.source;
  const other = versions.find((each) => each.ref === compared) ?? null;
  const edit = (): void => {
    room.run(editAppCode(shown.id, room.newId(), code, room.authorship()));
    room.announce("Everybody can edit the code now");
  };
  return (
    <div className="app-code">
      <div className="app-code-bar">
        <span className="app-file">{name}</span>
        <span className="grow" />
        {versions.length > 1 && (
          <label className="app-compare">
            <span className="app-wide">Compare with </span>
            <select
              aria-label="Compare with"
              value={other?.ref ?? ""}
              onChange={(event) => setCompared(event.target.value === "" ? null : event.target.value)}
            >
              <option value="">No other version</option>
              {versions
                .filter((each) => each.ref !== version.ref)
                .map((each) => (
                  <option key={each.ref} value={each.ref}>
                    Version {each.number}
                  </option>
                ))}
            </select>
          </label>
        )}
        <button
          type="button"
          className="p-icon"
          aria-label="Copy code"
          title={copied ? "Copied" : "Copy code"}
          onClick={() => copy(code)}
        >
          <Icon name={copied ? "check" : "copy"} />
        </button>
        {ref?.kind !== "note" && (
          <button type="button" className="btn btn-s" disabled={!room.canEdit} onClick={edit}>
            <Icon name="pencil" />
            Edit code
          </button>
        )}
      </div>
      {other !== null ? (
        <Compared from={other} to={version} />
      ) : ref?.kind === "note" ? (
        <CollabText
          path={["notes", ref.note, "text"]}
          label={`Code: ${name}`}
          readOnly={!room.canEdit}
          carets
          code
          place={shown.id}
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long code is scrolled by keys
        <section className="app-source" tabIndex={0} aria-label={`Code: ${name}`}>
          <pre>
            <HighlightedCode code={code} language={language} open={false} />
          </pre>
        </section>
      )}
    </div>
  );
}

/** Two versions side by side, the older one at the left. */
function Compared({ from, to }: { readonly from: Version; readonly to: Version }) {
  const loaded = useLazyCode(difference);
  const [left, right] = from.number < to.number ? [from, to] : [to, from];
  if (loaded === null) return <p className="p-empty">Comparing…</p>;
  if (loaded === "failed")
    return <p className="p-empty">The comparison could not be loaded. Check the connection and try again.</p>;
  return (
    <>
      <div className="app-sides">
        <b>Version {left.number}</b>
        <b>Version {right.number}</b>
      </div>
      <loaded.Difference
        left={left.source.code}
        right={right.source.code}
        leftLabel={`Code of version ${left.number}`}
        rightLabel={`Code of version ${right.number}`}
      />
    </>
  );
}
