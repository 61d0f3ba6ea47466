package dev.parlor.client;

/** How far the changes of a document have come that this client made or brought. */
public enum SaveState {
  /** Some change was not acknowledged by the server yet, or the server was not reached. */
  PENDING,
  /** All changes are on the server's disk: the server said so, after its commit. */
  SAVED,
  /** The server has all changes, but it does not tell when they are on its disk. */
  UNKNOWN,
  /** The server refused a change. It is kept here only, and so are all changes after it. */
  REFUSED
}
