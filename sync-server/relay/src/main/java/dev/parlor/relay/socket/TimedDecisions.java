package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.config.FixedLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The decisions about the open documents of one connection that count for a limited time. Pure;
 * belongs to the socket's thread.
 */
final class TimedDecisions {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** The consequence of a new decision for the connection. */
  enum Consequence {
    /** The connection continues. */
    CONTINUE,
    /** The permission is another one; the connection is closed, and its client comes again. */
    CHANGED,
    /** No decision was possible for too long; the connection is closed. */
    OUTAGE
  }

  /**
   * An open document.
   *
   * @param endsAt the end of the last decision
   * @param asksAt the time of the next question; {@link Long#MAX_VALUE} while a question is on its
   *     way
   */
  private record Entry(Permission permission, long endsAt, long asksAt) {}

  private final Map<DocumentId, Entry> entries = new HashMap<>(0);

  /** Counts the orders to decide again. */
  private int orders;

  /** The number of orders to decide again so far; see {@link #opened}. */
  int orders() {
    return orders;
  }

  /**
   * The document was opened with a decision that counts for this time. If an order to decide again
   * came since the question, the decision is due at once.
   *
   * @param ordersBefore {@link #orders} at the time of the question
   */
  void opened(
      DocumentId document, Permission permission, Duration validFor, int ordersBefore, long now) {
    var end = ordersBefore == orders ? now + validFor.toNanos() : now;
    entries.put(document, new Entry(permission, end, end));
  }

  /** The documents to decide about again. Each is returned once, until its decision arrives. */
  List<DocumentId> due(long now) {
    if (entries.isEmpty()) {
      return List.of();
    }
    var due = new ArrayList<DocumentId>();
    for (var entry : entries.entrySet()) {
      var value = entry.getValue();
      if (value.asksAt != Long.MAX_VALUE && now - value.asksAt >= 0) {
        due.add(entry.getKey());
        entry.setValue(new Entry(value.permission, value.endsAt, Long.MAX_VALUE));
      }
    }
    return due;
  }

  /** Makes a decision due now. */
  void expire(DocumentId document, long now) {
    orders++;
    entries.computeIfPresent(document, (_, entry) -> new Entry(entry.permission, now, now));
  }

  /** Makes all decisions due now. */
  void expireAll(long now) {
    orders++;
    entries.replaceAll((_, entry) -> new Entry(entry.permission, now, now));
  }

  /** A new decision about an open document. */
  Consequence decided(DocumentId document, DocumentAccess.Decision decision, long now) {
    var entry = entries.get(document);
    if (entry == null) {
      return Consequence.CONTINUE;
    }
    return switch (decision) {
      case DocumentAccess.Decision.Allowed(var permission, var validFor)
          when permission == entry.permission -> {
        if (validFor.isPresent()) {
          var end = now + validFor.get().toNanos();
          entries.put(document, new Entry(permission, end, end));
        } else {
          entries.remove(document);
        }
        yield Consequence.CONTINUE;
      }
      case DocumentAccess.Decision.Allowed _, DocumentAccess.Decision.Denied _ ->
          Consequence.CHANGED;
      case DocumentAccess.Decision.Unavailable _ -> {
        var retry = now + FixedLimits.AUTHORIZER_RETRY_SECONDS * NANOS_PER_SECOND;
        entries.put(document, new Entry(entry.permission, entry.endsAt, retry));
        yield now - entry.endsAt > FixedLimits.AUTHORIZER_OUTAGE_SECONDS_MAX * NANOS_PER_SECOND
            ? Consequence.OUTAGE
            : Consequence.CONTINUE;
      }
    };
  }
}
