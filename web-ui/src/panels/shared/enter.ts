/** The properties of a key press that decide its meaning. */
export type KeyPress = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
};

/**
 * Whether a key press sends the text. Enter sends it, Shift+Enter (and Alt+Enter) is a new line, and an Enter that only
 * confirms an input method's word does neither. Some browsers end the composition before the key event, so that only
 * key code 229 shows it.
 */
export function isSendKey(press: KeyPress): boolean {
  return (
    press.key === "Enter" && !press.shiftKey && !press.altKey && !press.isComposing && press.keyCode !== 229
  );
}
