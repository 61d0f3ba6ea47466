import { Popover } from "radix-ui";
import { Icon } from "../../icon/Icon";
import { linkToAnswer, roomPath } from "../../page/route";
import { useRoom } from "../../room";
import type { Result } from "../../room/schema/read";
import { compareTexts, modelTexts, outputTexts } from "../../texts";
import { moneyText } from "../shared/money";
import { duration } from "../shared/time";
import { useCopy } from "../shared/useCopy";
import { usageLine } from "./results";

type Props = {
  readonly answer: Result;
  /** Opens the comparison of the answer with another one. */
  readonly onCompare: () => void;
};

/** The button with the figures of an answer, its link and its comparison. */
export function Details({ answer, onCompare }: Props) {
  return (
    <Popover.Root>
      <Popover.Trigger
        className="exchange-action"
        aria-label={outputTexts.detailsOfThisAnswer}
        title={outputTexts.details}
      >
        <Icon name="info" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu exchange-details"
          aria-label={outputTexts.detailsOfThisAnswer}
          side="top"
          sideOffset={6}
          collisionPadding={12}
        >
          <dl>
            {factsOf(answer).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <CopyLink request={answer.request} />
          <Popover.Close className="menu-item exchange-link" onClick={onCompare}>
            <Icon name="columns" />
            {compareTexts.withAnother}
          </Popover.Close>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Copies a link that opens the room at this answer. It has the key of this page's address. */
function CopyLink({ request }: { readonly request: string }) {
  const { record } = useRoom();
  const { copied, copy } = useCopy();
  const link = window.location.origin + linkToAnswer(roomPath(record.slug, record.key), request);
  return (
    <button type="button" className="menu-item exchange-link" onClick={() => copy(link)}>
      <Icon name={copied ? "check" : "link"} />
      {copied ? outputTexts.copied : outputTexts.copyLink}
    </button>
  );
}

type Fact = readonly [name: string, value: string];

/** The figures of an answer that are known. */
export function factsOf(answer: Result): readonly Fact[] {
  const { model, cards, ttftMs, totalMs, usage, tokensMax, omitted } = answer;
  const call = usage?.call ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    [outputTexts.model, (call?.model ?? model) || null],
    [modelTexts.endpoint, call?.endpoint || null],
    [outputTexts.cards, cards.length === 0 ? "none" : String(cards.length)],
    [outputTexts.firstWordAfter, ttftMs === null ? null : duration(ttftMs)],
    [outputTexts.writtenIn, totalMs === null ? null : duration(totalMs)],
    [
      outputTexts.prompt,
      usage === null || usage.promptTokens === 0 ? null : tokens(usage.promptTokens, usage.estimated),
    ],
    [outputTexts.answer, usageLine(usage)],
    [modelTexts.cost, call?.costMicros == null ? null : moneyText(call.costMicros)],
    [outputTexts.answerLimit, tokensMax == null ? null : tokens(tokensMax, false)],
    [outputTexts.earlierAnswersLeftOut, omitted === undefined || omitted === 0 ? null : String(omitted)],
    [modelTexts.notes, call === null || call.notes.length === 0 ? null : call.notes.join(" ")],
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== null);
}

const tokens = (count: number, estimated: boolean): string =>
  `${estimated ? outputTexts.about : ""}${count.toLocaleString("en-GB")} ${count === 1 ? "token" : "tokens"}`;
