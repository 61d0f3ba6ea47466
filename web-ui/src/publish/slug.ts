import { publishTexts } from "../texts";

/** The server's limits of a slug (`AppLimits`), in characters. */
export const SLUG_LENGTH = { min: 3, max: 30 } as const;

const FORM = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The reason why a text is no slug, as a sentence; null if it is one. The server checks the same rule. */
export function slugProblem(text: string): string | null {
  if (text.length < SLUG_LENGTH.min) return publishTexts.atLeastCharacters(SLUG_LENGTH.min);
  if (text.length > SLUG_LENGTH.max) return publishTexts.atMostCharacters(SLUG_LENGTH.max);
  if (!/^[a-z0-9-]*$/.test(text)) return publishTexts.onlyLettersZDigitsDashes;
  if (!FORM.test(text)) return publishTexts.dashStandsBetweenTwoWords;
  return null;
}

/** Typed text with small letters, and with dashes in the place of spaces and underscores. */
export const slugTyped = (text: string): string => text.toLowerCase().replace(/[\s_]+/g, "-");

/** A slug for a title: its words without accents, as many as fit. Titles without usable words give `fallback`. */
export function slugOf(title: string, fallback = "my-app"): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  let slug = "";
  for (const word of words) {
    const next = slug === "" ? word : `${slug}-${word}`;
    if (next.length > SLUG_LENGTH.max) break;
    slug = next;
  }
  if (slug === "") slug = (words[0] ?? "").slice(0, SLUG_LENGTH.max);
  return slugProblem(slug) === null ? slug : fallback;
}
