package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The same protocol without a memory of who said what, for links on which messages are lost, come
 * twice or in any order: every message stands alone. Whoever learns of changes that it lacks asks
 * with its heads and a filter of all it has, and whoever hears that answers with what the asker
 * lacks. Pure.
 *
 * <p>A question costs ten bits for each change of the document, so it is for repairs; what is new
 * is told as it comes.
 */
public final class Repair {

  /** Ten bits each, and the filter's head. */
  private static final int CHANGES_IN_FILTER_MAX =
      Math.toIntExact((SyncLimits.DEFAULT.filterBytesMax() - 16L) * 8 / 10);

  private Repair() {}

  /** What this document stands at, and nothing else. */
  public static Bytes announcement(List<ChangeHash> heads) {
    return encode(heads, List.of(), List.of(), List.of());
  }

  /**
   * These changes.
   *
   * @param heads what the document stands at; none when more changes follow
   */
  public static Bytes changes(List<ChangeHash> heads, List<Bytes> chunks) {
    return encode(heads, List.of(), List.of(), chunks);
  }

  /**
   * What is in this graph, and a request for the rest.
   *
   * @param need some of the changes that the graph lacks; at least one
   */
  public static Bytes question(ChangeGraph graph, List<ChangeHash> need) {
    var size = graph.size();
    Iterable<ChangeHash> all = () -> IntStream.range(0, size).mapToObj(graph::hashAt).iterator();
    // Without a filter, when it would be too large to be read, more comes than is lacking.
    var have =
        size > CHANGES_IN_FILTER_MAX
            ? List.<SyncMessage.Have>of()
            : List.of(new SyncMessage.Have(List.of(), BloomFilter.of(all, size)));
    return encode(graph.heads(), need, have, List.of());
  }

  /** Whether the message asks for changes. */
  public static boolean isQuestion(SyncMessage message) {
    return !message.need().isEmpty();
  }

  /**
   * The positions that the asker lacks, ascending: by its heads and filter, and what it names. A
   * filter may withhold a change by mistake; the asker then names it, because another depends on it
   * or because it is one of our heads.
   */
  public static int[] lacking(ChangeGraph graph, SyncMessage question) {
    var frontier = FirstContact.frontier(question);
    var contact =
        question.have().isEmpty() || frontier.stream().allMatch(graph::contains)
            ? FirstContact.byHeads(graph, question.heads())
            : FirstContact.byFilters(graph, frontier, question.have());
    return IntStream.concat(
            Arrays.stream(contact.lacking()),
            question.need().stream().mapToInt(graph::position).filter(position -> position >= 0))
        .sorted()
        .distinct()
        .toArray();
  }

  private static Bytes encode(
      List<ChangeHash> heads,
      List<ChangeHash> need,
      List<SyncMessage.Have> have,
      List<Bytes> chunks) {
    return SyncMessageCodec.encode(
        new SyncMessage(SyncMessage.Kind.CHANGES, heads, need, have, chunks, null));
  }
}
