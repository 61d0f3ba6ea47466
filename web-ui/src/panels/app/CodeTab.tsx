import { useState } from "react";
import { Icon } from "../../icon/Icon";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import { editAppCode, type RoomWindow, useRoom } from "../../room";
import { appTexts } from "../../texts";
import { CollabText } from "../notes/CollabText";
import { HighlightedCode } from "../output/CodeBlock";
import { useCopy } from "../shared/useCopy";
import type { SourceFile } from "./blocks";
import { allFiles, endingOf } from "./files";
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
  const [chosen, setChosen] = useState<string | null>(null);
  const files = allFiles(version.source);
  const file = files.find(({ name }) => name === chosen) ?? files[0] ?? version.source;
  const { name, code } = file;
  const note = noteOf(version, name);
  const isEdited = parseRef(version.ref)?.kind === "note";
  const other = versions.find((each) => each.ref === compared) ?? null;
  const edit = (): void => {
    const [start, ...others] = files.map((each) => ({ ...each, note: room.newId() }));
    if (start === undefined) return;
    room.run(editAppCode(shown.id, start, others, room.authorship()));
    room.announce(appTexts.everybodyCanEditCode);
  };
  return (
    <div className="app-code">
      <div className="app-code-bar">
        {files.length === 1 ? (
          <span className="app-file">{name}</span>
        ) : (
          <Files files={files} shown={name} onShow={setChosen} />
        )}
        <span className="grow" />
        {versions.length > 1 && (
          <label className="app-compare">
            <span className="app-wide">{appTexts.compareWith} </span>
            <select
              aria-label={appTexts.compareWith}
              value={other?.ref ?? ""}
              onChange={(event) => setCompared(event.target.value === "" ? null : event.target.value)}
            >
              <option value="">{appTexts.noOtherVersion}</option>
              {versions
                .filter((each) => each.ref !== version.ref)
                .map((each) => (
                  <option key={each.ref} value={each.ref}>
                    {appTexts.version2} {each.number}
                  </option>
                ))}
            </select>
          </label>
        )}
        <button
          type="button"
          className="p-icon"
          aria-label={appTexts.copy(name)}
          title={copied ? appTexts.copied : appTexts.copy(name)}
          onClick={() => copy(code)}
        >
          <Icon name={copied ? "check" : "copy"} />
        </button>
        {!isEdited && (
          <button type="button" className="btn btn-s" disabled={!room.canEdit} onClick={edit}>
            <Icon name="pencil" />
            {appTexts.editCode}
          </button>
        )}
      </div>
      {other !== null ? (
        <Compared key={name} file={name} from={other} to={version} />
      ) : note !== null ? (
        <CollabText
          key={note}
          path={["notes", note, "text"]}
          label={appTexts.code2(name)}
          readOnly={!room.canEdit}
          carets
          code
          place={shown.id}
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long code is scrolled by keys
        <section className="app-source" tabIndex={0} aria-label={appTexts.code2(name)}>
          <pre>
            <HighlightedCode code={code} language={endingOf(name)} open={false} />
          </pre>
        </section>
      )}
    </div>
  );
}

/** The note with a file of a version that people edit, or null if the file is not edited. */
function noteOf({ ref, source, files = [] }: Version, name: string): string | null {
  const parsed = parseRef(ref);
  if (parsed?.kind !== "note") return null;
  return name === source.name ? parsed.note : (files.find((file) => file.name === name)?.note ?? null);
}

type FilesProps = {
  readonly files: readonly SourceFile[];
  readonly shown: string;
  readonly onShow: (name: string) => void;
};

/** The files of an app. The file with which it starts comes first. */
function Files({ files, shown, onShow }: FilesProps) {
  return (
    <ul className="app-files" aria-label={appTexts.files}>
      {files.map(({ name }) => (
        <li key={name}>
          <button type="button" aria-pressed={name === shown} onClick={() => onShow(name)}>
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
}

const codeIn = ({ source }: Version, file: string): string =>
  allFiles(source).find(({ name }) => name === file)?.code ?? "";

/** One file in two versions side by side, the older version at the left. */
function Compared({
  file,
  from,
  to,
}: {
  readonly file: string;
  readonly from: Version;
  readonly to: Version;
}) {
  const loaded = useLazyCode(difference);
  const [left, right] = from.number < to.number ? [from, to] : [to, from];
  // The file with which the app starts may have another name in the other version.
  const start = ({ source }: Version): string => (file === to.source.name ? source.name : file);
  if (loaded === null) return <p className="p-empty">{appTexts.comparing}</p>;
  if (loaded === "failed") return <p className="p-empty">{appTexts.comparisonCouldNotLoadedCheck}</p>;
  return (
    <>
      <div className="app-sides">
        <b>
          {appTexts.version2} {left.number}
        </b>
        <b>
          {appTexts.version2} {right.number}
        </b>
      </div>
      <loaded.Difference
        left={codeIn(left, start(left))}
        right={codeIn(right, start(right))}
        leftLabel={appTexts.codeOfVersion(left.number)}
        rightLabel={appTexts.codeOfVersion(right.number)}
      />
    </>
  );
}
