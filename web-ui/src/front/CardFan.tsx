const CARDS = [
  { kind: "role", label: "Role", text: "A patient editor who has shipped software" },
  { kind: "tone", label: "Tone", text: "As to a friend who is late" },
  { kind: "format", label: "Format", text: "Three bullets, then one line" },
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
        <p>Everyone in the room holds a few cards. You play one, someone else plays the next.</p>
      </div>
    </div>
  );
}
