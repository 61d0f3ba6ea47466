import { stackTexts } from "../../texts";
import { estimatedTokens } from "./fold";

export type StackFootProps = {
  /** The number of cards that are sent, and of all cards that were not removed. */
  readonly sent: number;
  readonly all: number;
  /** The lengths of the parts of the prompt in UTF-16 units. */
  readonly cardUnits: number;
  readonly answerUnits: number;
};

const grouped = (n: number): string => n.toLocaleString("en-GB");

/** Says how large the prompt is and of what it consists. The sizes are estimates, as the server makes them. */
export function StackFoot({ sent, all, cardUnits, answerUnits }: StackFootProps) {
  const parts = [
    { name: stackTexts.cards, tokens: estimatedTokens(cardUnits) },
    { name: stackTexts.answers, tokens: estimatedTokens(answerUnits) },
  ].filter(({ tokens }) => tokens > 0);
  const total = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  return (
    <footer className="stack-foot">
      <p>
        <b>{stackTexts.sendsAbout(grouped(total), total)}</b>
        <span>{stackTexts.cardsOf(sent, all)}</span>
      </p>
      {total > 0 && (
        <div className="stack-bar" aria-hidden="true">
          {parts.map(({ name, tokens }) => (
            <i key={name} data-part={name} style={{ flexGrow: tokens }} />
          ))}
        </div>
      )}
      {parts.length > 1 && (
        <p className="stack-parts">
          {parts.map(({ name, tokens }) => (
            <span key={name}>
              <i data-part={name} aria-hidden="true" />
              {name} {grouped(tokens)}
            </span>
          ))}
        </p>
      )}
    </footer>
  );
}
