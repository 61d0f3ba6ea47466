package dev.parlor.relay.documents;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A page of the history of a document.
 *
 * @param heads the heads of the state whose history it is
 * @param total the number of changes of all pages
 * @param next the value of {@code after} for the next page; empty at the end of the history
 */
public record HistoryPage(
    List<ChangeHash> heads, int total, List<Entry> changes, Optional<ChangeHash> next) {

  public HistoryPage {
    heads = List.copyOf(heads);
    changes = List.copyOf(changes);
  }

  /**
   * A change.
   *
   * @param sequence the number of the change among those of its actor, from 1
   * @param time as the author wrote it, mostly seconds since 1970; 0 if the author wrote none
   * @param message empty if there is none
   */
  public record Entry(
      ChangeHash hash,
      ActorId actor,
      long sequence,
      long time,
      String message,
      List<ChangeHash> dependencies) {
    public Entry {
      dependencies = List.copyOf(dependencies);
    }

    static Entry of(ChangeChunk change) {
      return new Entry(
          change.hash(),
          change.actor(),
          change.seq(),
          change.time(),
          change.message(),
          change.deps());
    }
  }

  static HistoryPage of(History history, Optional<ChangeHash> after, int limit) {
    var ordered =
        history.changes().stream()
            .sorted(Comparator.comparingLong(ChangeChunk::startOp).thenComparing(ChangeChunk::hash))
            .toList();
    var from = 0;
    if (after.isPresent()) {
      while (from < ordered.size() && !ordered.get(from).hash().equals(after.get())) {
        from++;
      }
      if (from == ordered.size()) {
        throw DocumentFault.field(
            Kind.UNACCEPTABLE, "after", "the history has no change " + after.get());
      }
      from++;
    }
    var page = ordered.subList(from, Math.min(ordered.size(), from + limit));
    var hasMore = from + page.size() < ordered.size();
    return new HistoryPage(
        history.heads(),
        ordered.size(),
        page.stream().map(Entry::of).toList(),
        hasMore ? Optional.of(page.getLast().hash()) : Optional.empty());
  }
}
