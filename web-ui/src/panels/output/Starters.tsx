import { Icon, type IconName } from "../../icon/Icon";

type Starter = {
  readonly title: string;
  readonly text: string;
  readonly icon: IconName;
  readonly question: string;
};

const STARTERS: readonly Starter[] = [
  {
    title: "Plan a trip",
    text: "Four people, three days, one budget",
    icon: "globe",
    question: "Plan a trip for four people: three days, one budget. Ask us what you need to know first.",
  },
  {
    title: "Rewrite a page",
    text: "Paste it, then play cards on it",
    icon: "pencil",
    question: "Rewrite this page, so that a newcomer understands it:\n\n",
  },
  {
    title: "Make a small app",
    text: "A poll that everyone here can use",
    icon: "window",
    question: "Make a small app: a poll that everyone here can use. One file, in JSX.",
  },
];

type Props = {
  /** Whether this person may ask. */
  readonly enabled: boolean;
  readonly onPick: (question: string) => void;
};

/** Shown while the room has no answer: three questions to start with. */
export function Starters({ enabled, onPick }: Props) {
  return (
    <div className="starters">
      <p className="starters-title">What shall we write?</p>
      <p className="starters-text">
        {enabled
          ? "Pick a start, or type your own question below. Everyone here sees the answer arrive."
          : "When somebody asks, everyone here sees the answer arrive."}
      </p>
      {enabled && (
        <ul className="starters-list">
          {STARTERS.map(({ title, text, icon, question }) => (
            <li key={title}>
              <button type="button" onClick={() => onPick(question)}>
                <Icon name={icon} />
                <b>{title}</b>
                <span>{text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
