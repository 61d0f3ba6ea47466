package dev.parlor.crdt.sync;

import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sync messages between nodes, over links that may lose, duplicate or reorder messages. There is no
 * state per peer: every message is complete in itself. A node that lacks changes sends a request
 * with its heads and a filter of all its changes. Every node that receives the request answers with
 * the missing changes. Pure functions.
 *
 * <p>A request has ten bits for each change of the document, so it is used for repairs only. New
 * changes are sent without a request.
 */
public final class Repair {

  /** The maximum number of changes in a filter, with ten bits each and the filter's header. */
  private static final int CHANGES_IN_FILTER_MAX =
      Math.toIntExact((SyncLimits.DEFAULT.filterBytesMax() - 16L) * 8 / 10);

  private Repair() {}

  /** A message that contains only the heads of a document. */
  public static Bytes announcement(List<ChangeHash> heads) {
    return encode(heads, List.of(), List.of(), List.of());
  }

  /**
   * A message that contains changes.
   *
   * @param heads the document's heads; empty if further messages with changes follow
   */
  public static Bytes changes(List<ChangeHash> heads, List<Bytes> chunks) {
    return encode(heads, List.of(), List.of(), chunks);
  }

  /**
   * A message that describes the changes of this graph and requests all others.
   *
   * @param need the missing changes that are known by hash; at least one
   */
  public static Bytes request(ChangeGraph graph, List<ChangeHash> need) {
    var size = graph.size();
    Iterable<ChangeHash> all = () -> IntStream.range(0, size).mapToObj(graph::hashAt).iterator();
    // A filter of more changes would be refused as too large. Without a filter the answer contains
    // more changes than needed.
    var have =
        size > CHANGES_IN_FILTER_MAX
            ? List.<SyncMessage.Have>of()
            : List.of(new SyncMessage.Have(List.of(), BloomFilter.of(all, size)));
    return encode(graph.heads(), need, have, List.of());
  }

  /** Whether the message requests changes. */
  public static boolean isRequest(SyncMessage message) {
    return !message.need().isEmpty();
  }

  /**
   * The positions of the changes that the requesting node lacks, ascending. They follow from the
   * node's heads, its filter and the hashes that it requests. A false positive of the filter may
   * withhold a change. The node then requests the change by hash, because another change depends on
   * it or because it is one of our heads.
   */
  public static int[] changesToSend(ChangeGraph graph, SyncMessage request) {
    var frontier = FirstContact.frontier(request);
    var contact =
        request.have().isEmpty() || frontier.stream().allMatch(graph::contains)
            ? FirstContact.byHeads(graph, request.heads())
            : FirstContact.byFilters(graph, frontier, request.have());
    return IntStream.concat(
            Arrays.stream(contact.lackingPositions()),
            request.need().stream().mapToInt(graph::position).filter(position -> position >= 0))
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
