package dev.parlor.room.http;

import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.room.access.CallerRecord;
import dev.parlor.room.access.ClusterReply;
import dev.parlor.room.access.Hashes;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the other nodes of a cluster need to resume an event stream: the caller of its ticket, and
 * the prefixes of the event ids that were sent. Stored under a hash of the ticket.
 */
final class SharedStreams {
  private final BriefRecords brief;

  SharedStreams(BriefRecords brief) {
    this.brief = brief;
  }

  /** Stores a stream without waiting; if that fails, another node refuses to resume it. */
  void store(String ticket, Caller caller, Collection<String> idPrefixes, Duration lifetime) {
    if (lifetime.compareTo(Duration.ofSeconds(1)) >= 0) {
      var _ =
          brief.put(
              key(ticket), CallerRecord.of(caller, List.copyOf(idPrefixes)).toBytes(), lifetime);
    }
  }

  /** Removes a stream without waiting. */
  void remove(String ticket) {
    var _ = brief.take(key(ticket));
  }

  /**
   * The caller of a stream that another node stored, if an event id with this prefix was sent on
   * it; waits for the cluster.
   *
   * @throws dev.parlor.relay.storage.StoreUnavailableException if the cluster does not answer
   */
  Optional<Caller> find(String ticket, String idPrefix) {
    return ClusterReply.await(brief.get(key(ticket)))
        .map(CallerRecord::of)
        .filter(stored -> stored.idPrefixes().contains(idPrefix))
        .map(CallerRecord::caller);
  }

  private static String key(String ticket) {
    return "stream/" + Hashes.sha256(ticket);
  }
}
