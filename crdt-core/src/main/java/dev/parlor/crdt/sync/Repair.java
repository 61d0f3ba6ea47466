package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The same protocol without a state per peer, for links that lose, duplicate or reorder messages:
 * every message is complete in itself. A node that learns of missing changes sends a question with
 * its heads and a filter of all its changes. Every node that receives the question answers with the
 * missing changes. Pure.
 *
 * <p>A question costs ten bits for each change of the document, so it is used for repairs only; new
 * changes are sent as they arrive.
 */
public final class Repair {

  /** The most changes in a filter: ten bits each, and the filter's header. */
  private static final int CHANGES_IN_FILTER_MAX =
      Math.toIntExact((SyncLimits.DEFAULT.filterBytesMax() - 16L) * 8 / 10);

  private Repair() {}

  /** A message with the heads of this document only. */
  public static Bytes announcement(List<ChangeHash> heads) {
    return encode(heads, List.of(), List.of(), List.of());
  }

  /**
   * A message with these changes.
   *
   * @param heads the document's heads; empty if further changes follow
   */
  public static Bytes changes(List<ChangeHash> heads, List<Bytes> chunks) {
    return encode(heads, List.of(), List.of(), chunks);
  }

  /**
   * A message that describes this graph and requests the missing changes.
   *
   * @param need some missing changes; at least one
   */
  public static Bytes question(ChangeGraph graph, List<ChangeHash> need) {
    var size = graph.size();
    Iterable<ChangeHash> all = () -> IntStream.range(0, size).mapToObj(graph::hashAt).iterator();
    // Without a filter, which would be too large to be read, the answer has more changes than
    // needed.
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
   * The positions that the asking node lacks, ascending: by its heads, its filter and the hashes
   * that it requests. A filter may withhold a change by a false positive. The asking node then
   * requests it by hash, because another change depends on it or because it is one of our heads.
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
