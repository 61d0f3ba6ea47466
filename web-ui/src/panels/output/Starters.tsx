import { Icon, type IconName } from "../../icon/Icon";
import { outputTexts } from "../../texts";

type Starter = {
  readonly title: string;
  readonly text: string;
  readonly icon: IconName;
  readonly question: string;
};

const STARTERS: readonly Starter[] = [
  {
    title: outputTexts.planATrip,
    text: outputTexts.fourPeopleThreeDaysOne,
    icon: "globe",
    question: outputTexts.planTripFourPeopleThree,
  },
  {
    title: outputTexts.rewriteAPage,
    text: outputTexts.pasteThenPlayCards,
    icon: "pencil",
    question: outputTexts.rewritePageNewcomerUnderstands,
  },
  {
    title: outputTexts.makeASmallApp,
    text: outputTexts.pollEveryoneCanUse,
    icon: "window",
    question: outputTexts.makeSmallAppPollEveryone,
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
      <p className="starters-title">{outputTexts.whatShallWeWrite}</p>
      <p className="starters-text">
        {enabled ? outputTexts.pickStartTypeOwnQuestion : outputTexts.somebodyAsksEveryoneSeesAnswer}
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
