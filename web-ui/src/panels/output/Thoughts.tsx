import { modelTexts } from "../../texts";

/** The thoughts of a model, folded. They are plain text, and never a part of the answer. */
export function Thoughts({ text }: { readonly text: string | null | undefined }) {
  if (!text) return null;
  return (
    <details className="exchange-thoughts">
      <summary title={modelTexts.thoughtsHint}>{modelTexts.thoughts}</summary>
      <p dir="auto">{text}</p>
    </details>
  );
}
