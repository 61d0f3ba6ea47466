package dev.parlor.apps.release;

/** Where a release is reachable. */
public enum Mode {
  /** Under the app's address, if it is the latest; also under the address of its files. */
  PRODUCTION,
  /** Only under the address of its files. */
  DEV;

  /** The word of the API. */
  public String wire() {
    return this == PRODUCTION ? "production" : "dev";
  }
}
