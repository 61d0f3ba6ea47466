package dev.parlor.relay.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The contract of {@link NodeBus}; each implementation has one subclass. */
abstract class NodeBusContract {

  static final DocumentId A = DocumentId.of(Bytes.ofHex("00000000000000000000000000000001"));
  static final DocumentId B = DocumentId.of(Bytes.ofHex("00000000000000000000000000000002"));

  /** The connection of node {@code number} to the bus. */
  protected abstract NodeBus node(int number);

  /** Waits until every frame published so far has arrived. */
  protected abstract void quiet() throws Exception;

  /** Separates node {@code number} from the other nodes. */
  protected abstract void part(int number) throws Exception;

  protected abstract void heal() throws Exception;

  static final class Ear implements NodeBus.Listener {
    final List<Bytes> heard = Collections.synchronizedList(new ArrayList<>());
    volatile boolean resumed;

    @Override
    public void received(Bytes frame) {
      heard.add(frame);
    }

    @Override
    public void resumed() {
      resumed = true;
    }

    Set<Bytes> once() {
      return new HashSet<>(heard);
    }
  }

  private final Ear first = new Ear();
  private final Ear second = new Ear();
  private final Ear third = new Ear();

  private static Bytes frame(int number) {
    return Bytes.utf8("frame " + number);
  }

  private static Set<Bytes> frames(int from, int to) {
    return new HashSet<>(IntStream.range(from, to).mapToObj(NodeBusContract::frame).toList());
  }

  @Test
  void everyOtherSubscriberOfTheDocumentReceivesEveryFrame() throws Exception {
    var channel = node(1).join(A, first);
    try (var _ = node(2).join(A, second);
        var _ = node(3).join(A, third)) {
      for (var i = 0; i < 100; i++) {
        channel.publish(frame(i));
      }
      quiet();
      assertEquals(frames(0, 100), second.once());
      assertEquals(frames(0, 100), third.once());
      assertEquals(List.of(), first.heard, "a publisher does not receive its own frames");
    }
  }

  @Test
  void documentsAreKeptApart() throws Exception {
    var ofA = node(1).join(A, first);
    var ofB = node(1).join(B, first);
    var _ = node(2).join(A, second);
    var _ = node(2).join(B, third);
    ofA.publish(frame(1));
    ofB.publish(frame(2));
    quiet();
    assertEquals(frames(1, 2), second.once());
    assertEquals(frames(2, 3), third.once());
  }

  @Test
  void aSubscriberReceivesOnlyFramesBetweenJoinAndClose() throws Exception {
    var channel = node(1).join(A, first);
    channel.publish(frame(1));
    quiet();
    var late = node(2).join(A, second);
    channel.publish(frame(2));
    quiet();
    late.close();
    channel.publish(frame(3));
    late.publish(frame(4));
    quiet();
    assertEquals(frames(2, 3), second.once());
    assertEquals(List.of(), first.heard, "a closed subscription does not publish");
  }

  @Test
  void theEndOfAPartitionIsReportedToBothSides() throws Exception {
    var one = node(1).join(A, first);
    var two = node(2).join(A, second);
    var _ = node(3).join(A, third);
    part(2);
    one.publish(frame(1));
    two.publish(frame(2));
    quiet();
    assertEquals(List.of(), second.heard);
    assertEquals(List.of(), first.heard);
    assertEquals(frames(1, 2), third.once(), "the other nodes receive both frames");
    heal();
    assertTrue(
        first.resumed && second.resumed, "both sides learn that they may have missed frames");
    one.publish(frame(3));
    two.publish(frame(4));
    quiet();
    assertTrue(second.once().contains(frame(3)));
    assertTrue(first.once().contains(frame(4)));
  }
}
