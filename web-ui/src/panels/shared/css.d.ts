import "react";

/** Allows CSS custom properties in inline styles, such as `--p` for a person's colour. */
declare module "react" {
  interface CSSProperties {
    [token: `--${string}`]: string | number | undefined;
  }
}
