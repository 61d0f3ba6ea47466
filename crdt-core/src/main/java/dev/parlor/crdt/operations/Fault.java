package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Decoding;
import org.jspecify.annotations.Nullable;

/** The first fault of a change; shared by all of its columns. */
final class Fault {

  private String rule = "";
  private @Nullable String reason;

  boolean present() {
    return reason != null;
  }

  /** Records a fault; only the first one is kept. */
  void structure(String what) {
    set("AD1", what);
  }

  void set(String id, String what) {
    if (reason == null) {
      rule = id;
      reason = what;
    }
  }

  <T> Decoding<T> malformed() {
    return Decoding.malformed(rule, reason == null ? "" : reason);
  }
}
