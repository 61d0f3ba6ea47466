import { Fragment, useState } from "react";
import { compareTexts } from "../../texts";
import type { Piece, Row } from "./difference";

/** Equal lines beyond this number are folded; of a fold, this many lines stay at each end. */
const EQUAL_LINES_MAX = 8;
const EDGE_LINES = 3;

/** The rows of a comparison. Both sides of a row begin at the same height. */
export function Rows({ rows }: { readonly rows: readonly Row[] }) {
  return rows.map((row, at) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: the rows have an order and no ids
    if (row.kind === "same") return <SameLines key={at} lines={row.lines} />;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the rows have an order and no ids
      <div key={at} className="compare-row compare-changed">
        <del data-empty={row.left.length === 0}>
          <Pieces pieces={row.left} isPlain={row.isRewritten || row.right.length === 0} />
        </del>
        <ins data-empty={row.right.length === 0}>
          <Pieces pieces={row.right} isPlain={row.isRewritten || row.left.length === 0} />
        </ins>
      </div>
    );
  });
}

/** The text of a side. It is plain if all of it differs, since marks of words would then say nothing. */
function Pieces({ pieces, isPlain }: { readonly pieces: readonly Piece[]; readonly isPlain: boolean }) {
  if (pieces.length === 0) return <span className="unseen">{compareTexts.nothingHere}</span>;
  if (isPlain) return pieces.map(({ text }) => text).join("");
  return pieces.map(({ text, isChanged }, at) =>
    isChanged ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have an order and no ids
      <mark key={at}>{text}</mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have an order and no ids
      <Fragment key={at}>{text}</Fragment>
    ),
  );
}

function SameLines({ lines }: { readonly lines: readonly string[] }) {
  const [open, setOpen] = useState(false);
  if (open || lines.length <= EQUAL_LINES_MAX) return <SameRow text={lines.join("\n")} />;
  return (
    <>
      <SameRow text={lines.slice(0, EDGE_LINES).join("\n")} />
      <button type="button" className="compare-fold" onClick={() => setOpen(true)}>
        {compareTexts.equalLines(lines.length - 2 * EDGE_LINES)}
      </button>
      <SameRow text={lines.slice(-EDGE_LINES).join("\n")} />
    </>
  );
}

/** Equal lines at both sides. A screen reader reads them once. */
function SameRow({ text }: { readonly text: string }) {
  return (
    <div className="compare-row">
      <p>{text}</p>
      <p aria-hidden="true">{text}</p>
    </div>
  );
}
