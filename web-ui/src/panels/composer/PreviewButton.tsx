import { Popover } from "radix-ui";
import { useEffect, useState } from "react";
import { Icon } from "../../icon/Icon";
import { ApiProblem, type Preview } from "../../room/api";
import { composerTexts, imageTexts, modelTexts } from "../../texts";
import { grouped } from "../shared/cards";
import { moneyText } from "../shared/money";
import { readProblems } from "./problems";

type State =
  | { readonly kind: "loading" }
  | { readonly kind: "shown"; readonly preview: Preview }
  | { readonly kind: "failed"; readonly text: string };

export type PreviewProps = {
  /** The question; empty for a preview without a question. */
  readonly query: string;
  /** The answer that the question follows; empty for a new conversation. */
  readonly after: string;
  /** Changes with every change of the stack, so that an open preview stays current. */
  readonly version: unknown;
  readonly cardText: (id: string) => string | null;
  readonly load: (query: string, after: string, signal: AbortSignal) => Promise<Preview>;
};

/** The question in a preview without a question. The server makes no preview of an empty question. */
const PLACEHOLDER = "…";

/** The button "Preview prompt". Its popover shows the messages to the model, which the server builds as for the call. */
export function PreviewButton(props: PreviewProps) {
  return (
    <Popover.Root>
      <Popover.Trigger className="composer-tool" aria-label={composerTexts.previewPrompt}>
        <Icon name="eye" />
        <span>{composerTexts.previewPrompt}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="preview"
          aria-label={composerTexts.previewPrompt}
          side="top"
          align="start"
          sideOffset={14}
          collisionPadding={12}
        >
          <h2 className="preview-title">{composerTexts.previewPrompt}</h2>
          <PromptPreview {...props} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The messages to the model, with the limits and the cards that are left out. */
export function PromptPreview({ query, after, version, cardText, load }: PreviewProps) {
  const [state, setState] = useState<State>({ kind: "loading" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version represents the stack that the server reads
  useEffect(() => {
    const abort = new AbortController();
    // The pause limits the requests while a person types with an open preview.
    const timer = setTimeout(() => {
      load(query === "" ? PLACEHOLDER : query, after, abort.signal).then(
        (preview) => !abort.signal.aborted && setState({ kind: "shown", preview }),
        (problem) => !abort.signal.aborted && setState({ kind: "failed", text: errorText(problem) }),
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, after, version, load]);

  if (state.kind === "failed") return <p className="preview-note">{state.text}</p>;
  if (state.kind === "loading") return <p className="preview-note">{composerTexts.askingTheServer}</p>;
  const { tokensMax, limitedBy, omitted, cards, problems, estimate } = state.preview;
  const messages = query === "" ? state.preview.messages.slice(0, -1) : state.preview.messages;
  return (
    <>
      <div className="preview-messages">
        {messages.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the messages have an order and no ids
          <section key={at}>
            <h3>{ROLE[message.role] ?? message.role}</h3>
            <pre>{message.content === "" ? composerTexts.empty : message.content}</pre>
            {message.images?.map(({ id, mediaType, bytes }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a message may have one image twice
              <p key={`${id}-${place}`} className="preview-image">
                {imageTexts.inPreview(mediaType, grouped(Math.ceil(bytes / 1024)), id)}
              </p>
            ))}
          </section>
        ))}
      </div>
      {query === "" && <p className="preview-note">{composerTexts.yourQuestionFollowsHere}</p>}
      <p className="preview-note">
        {cards.length === 1 ? composerTexts.oneCard : composerTexts.cards(cards.length)}
        {" · "}
        {limitLine(tokensMax, limitedBy)}
        {omitted !== undefined && omitted > 0 && composerTexts.earlierAnswersLeftOutToo(grouped(omitted))}
      </p>
      {estimate !== undefined && <p className="preview-note">{estimateLine(estimate)}</p>}
      {problems.length > 0 && (
        <ul className="preview-problems">
          {readProblems(problems).map(({ card, message }) => (
            <li key={`${card}/${message}`}>
              {card !== null && cardText(card) !== null && <em>“{cardText(card)}” </em>}
              {message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The speakers of messages in the words of the page. */
const ROLE: Readonly<Record<string, string>> = {
  system: composerTexts.instructions,
  user: composerTexts.question,
  assistant: composerTexts.answer,
};

/** The token limit of the request in words, with its source if a server setting set it. */
export function limitLine(tokensMax: number | null, limitedBy: Preview["limitedBy"]): string {
  if (tokensMax === null) return composerTexts.noAnswerLimit;
  const line = composerTexts.answerLimitedTo(grouped(tokensMax), tokensMax === 1 ? "token" : "tokens");
  if (limitedBy === "model") return composerTexts.mostModelGives(line);
  return limitedBy === "setting" ? composerTexts.setOnThisServer(line) : line;
}

/** The size and the cost of the request in words, such as "Sends about 412 tokens · costs about $0.0012". */
export function estimateLine(estimate: NonNullable<Preview["estimate"]>): string {
  const { promptTokens, contextTokens, costMicros, costMicrosMax } = estimate;
  const size = modelTexts.sends(grouped(promptTokens));
  const parts = [contextTokens === null ? size : `${size} ${modelTexts.ofContext(grouped(contextTokens))}`];
  if (costMicros !== null)
    parts.push(
      costMicrosMax === null
        ? modelTexts.costs(moneyText(costMicros))
        : modelTexts.costsUpTo(moneyText(costMicros), moneyText(costMicrosMax)),
    );
  return parts.join(" · ");
}

function errorText(problem: unknown): string {
  if (problem instanceof ApiProblem && problem.unreachable) {
    return composerTexts.serverMakesPreviewCodeReal;
  }
  return problem instanceof Error ? problem.message : composerTexts.previewCouldNotMade;
}
