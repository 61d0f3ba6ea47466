package dev.parlor.relay.config;

/** A value that must never be printed: its text form is a mask. */
public record Secret(String value) {

  @Override
  public String toString() {
    return "********";
  }
}
