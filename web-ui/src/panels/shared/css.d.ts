import "react";

/** Inline styles carry values of tokens: `--p` for a person's colour, `--r` for a turn. */
declare module "react" {
  interface CSSProperties {
    [token: `--${string}`]: string | number | undefined;
  }
}
