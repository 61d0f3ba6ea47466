import { frontTexts } from "../texts";

const CARDS = [
  { kind: "role", label: frontTexts.role, text: frontTexts.patientEditorShippedSoftware },
  { kind: "tone", label: frontTexts.tone, text: frontTexts.friendLate },
  { kind: "format", label: frontTexts.format, text: frontTexts.threeBulletsThenOneLine },
] as const;

/** A decorative picture of a room for the front page. */
export function CardFan() {
  return (
    <div className="fan" aria-hidden="true">
      <div className="fan-people">
        {(["AO", "QH", "BF"] as const).map((face, i) => (
          <span key={face} style={{ background: `var(--p${[2, 3, 5][i]})` }}>
            {face}
          </span>
        ))}
      </div>
      {CARDS.map((card) => (
        <div key={card.kind} className={`fan-card fan-${card.kind}`}>
          <b>{card.label}</b>
          <p>{card.text}</p>
        </div>
      ))}
      <div className="fan-answer">
        <span className="fan-dot" />
        <p>{frontTexts.everyoneRoomHoldsFewCards}</p>
      </div>
    </div>
  );
}
