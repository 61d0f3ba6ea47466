import { Popover } from "radix-ui";
import { Icon } from "../../icon/Icon";
import type { Result } from "../../room/schema/read";
import { modelTexts } from "../../texts";
import { moneyText } from "../shared/money";
import { duration } from "../shared/time";
import { usageLine } from "./results";

/** The button with the figures of an answer. */
export function Details({ answer }: { readonly answer: Result }) {
  return (
    <Popover.Root>
      <Popover.Trigger className="exchange-action" aria-label="Details of this answer" title="Details">
        <Icon name="info" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu exchange-details"
          aria-label="Details of this answer"
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
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

type Fact = readonly [name: string, value: string];

/** The figures of an answer that are known. */
export function factsOf(answer: Result): readonly Fact[] {
  const { model, cards, ttftMs, totalMs, usage, tokensMax, omitted } = answer;
  const call = usage?.call ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    ["Model", (call?.model ?? model) || null],
    [modelTexts.endpoint, call?.endpoint || null],
    ["Cards", cards.length === 0 ? "none" : String(cards.length)],
    ["First word after", ttftMs === null ? null : duration(ttftMs)],
    ["Written in", totalMs === null ? null : duration(totalMs)],
    [
      "Prompt",
      usage === null || usage.promptTokens === 0 ? null : tokens(usage.promptTokens, usage.estimated),
    ],
    ["Answer", usageLine(usage)],
    [modelTexts.cost, call?.costMicros == null ? null : moneyText(call.costMicros)],
    ["Answer limit", tokensMax == null ? null : tokens(tokensMax, false)],
    ["Earlier answers left out", omitted === undefined || omitted === 0 ? null : String(omitted)],
    [modelTexts.notes, call === null || call.notes.length === 0 ? null : call.notes.join(" ")],
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== null);
}

const tokens = (count: number, estimated: boolean): string =>
  `${estimated ? "about " : ""}${count.toLocaleString("en-GB")} ${count === 1 ? "token" : "tokens"}`;
