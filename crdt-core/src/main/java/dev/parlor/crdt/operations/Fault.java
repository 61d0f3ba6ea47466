package dev.parlor.crdt.operations;

import dev.parlor.crdt.identity.Decoding;
import org.jspecify.annotations.Nullable;

/** The first fault of a change. The reader and all columns of the change share one instance. */
final class Fault {

  private String rule = "";
  private @Nullable String reason;

  boolean isPresent() {
    return reason != null;
  }

  /** Records that the change is malformed [AD1]; only the first fault is kept. */
  void recordMalformed(String reason) {
    record("AD1", reason);
  }

  /** Records a fault under a rule; only the first fault is kept. */
  void record(String rule, String reason) {
    if (this.reason == null) {
      this.rule = rule;
      this.reason = reason;
    }
  }

  <T> Decoding<T> malformed() {
    return Decoding.malformed(rule, reason == null ? "" : reason);
  }
}
