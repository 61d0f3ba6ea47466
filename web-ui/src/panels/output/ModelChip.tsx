import { hash } from "../../room/names";
import { outputTexts } from "../../texts";

/** The number of colours of models; they differ from the colours of people. */
const COLOURS = 5;

/** The model's name with a small square in its colour. An unknown model has no chip. */
export function ModelChip({ model }: { readonly model: string }) {
  if (model === "") return null;
  return (
    <span className="model-chip" title={outputTexts.modelNamed(model)}>
      <i data-model={hash(model) % COLOURS} aria-hidden="true" />
      <span className="unseen">{outputTexts.modelLabel} </span>
      <span className="model-name">{shortModel(model)}</span>
    </span>
  );
}

/** A model's name without the provider's path before it. */
export const shortModel = (model: string): string => model.split("/").at(-1) || model;
