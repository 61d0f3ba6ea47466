/** The properties of a keyboard event that decide whether it sends a text. */
export type KeyPress = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
};

/**
 * Whether a key press sends the text: Enter without Shift or Alt, unless it only confirms the input method's
 * composition. Some browsers end the composition before the key event; then only the key code 229 shows that it belongs
 * to it.
 */
export function isSendKey(press: KeyPress): boolean {
  return (
    press.key === "Enter" && !press.shiftKey && !press.altKey && !press.isComposing && press.keyCode !== 229
  );
}
