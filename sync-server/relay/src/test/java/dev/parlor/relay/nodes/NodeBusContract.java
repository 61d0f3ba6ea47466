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

/** Tests the guarantees of {@link NodeBus}. Each implementation has a subclass. */
public abstract class NodeBusContract {

  protected static final DocumentId A =
      DocumentId.of(Bytes.ofHex("00000000000000000000000000000001"));
  protected static final DocumentId B =
      DocumentId.of(Bytes.ofHex("00000000000000000000000000000002"));

  /** The bus for node {@code number}. */
  protected abstract NodeBus node(int number);

  /** Waits until every frame published so far was delivered. */
  protected abstract void deliverAll() throws Exception;

  /** Separates node {@code number} from the other nodes. */
  protected abstract void separate(int number) throws Exception;

  /** Ends all separations. */
  protected abstract void heal() throws Exception;

  /** Records the frames of a channel. */
  static final class RecordingListener implements NodeBus.Listener {
    final List<Bytes> frames = Collections.synchronizedList(new ArrayList<>());
    volatile boolean resumed;

    @Override
    public void received(Bytes frame) {
      frames.add(frame);
    }

    @Override
    public void resumed() {
      resumed = true;
    }

    Set<Bytes> distinctFrames() {
      return new HashSet<>(frames);
    }
  }

  private final RecordingListener first = new RecordingListener();
  private final RecordingListener second = new RecordingListener();
  private final RecordingListener third = new RecordingListener();

  private static Bytes frame(int number) {
    return Bytes.utf8("frame " + number);
  }

  private static Set<Bytes> frames(int from, int to) {
    return new HashSet<>(IntStream.range(from, to).mapToObj(NodeBusContract::frame).toList());
  }

  @Test
  void everyOtherChannelOfTheDocumentReceivesEveryFrame() throws Exception {
    var channel = node(1).join(A, first);
    try (var _ = node(2).join(A, second);
        var _ = node(3).join(A, third)) {
      for (var i = 0; i < 100; i++) {
        channel.publish(frame(i));
      }
      deliverAll();
      assertEquals(frames(0, 100), second.distinctFrames());
      assertEquals(frames(0, 100), third.distinctFrames());
      assertEquals(List.of(), first.frames, "a publisher does not receive its own frames");
    }
  }

  @Test
  void channelReceivesOnlyFramesOfItsDocument() throws Exception {
    var ofA = node(1).join(A, first);
    var ofB = node(1).join(B, first);
    var _ = node(2).join(A, second);
    var _ = node(2).join(B, third);
    ofA.publish(frame(1));
    ofB.publish(frame(2));
    deliverAll();
    assertEquals(frames(1, 2), second.distinctFrames());
    assertEquals(frames(2, 3), third.distinctFrames());
  }

  @Test
  void channelReceivesOnlyFramesBetweenJoinAndClose() throws Exception {
    var channel = node(1).join(A, first);
    channel.publish(frame(1));
    deliverAll();
    var late = node(2).join(A, second);
    channel.publish(frame(2));
    deliverAll();
    late.close();
    channel.publish(frame(3));
    late.publish(frame(4));
    deliverAll();
    assertEquals(frames(2, 3), second.distinctFrames());
    assertEquals(List.of(), first.frames, "a closed channel does not publish");
  }

  @Test
  void endOfASeparationIsReportedToBothSides() throws Exception {
    var one = node(1).join(A, first);
    var two = node(2).join(A, second);
    var _ = node(3).join(A, third);
    separate(2);
    one.publish(frame(1));
    two.publish(frame(2));
    deliverAll();
    assertEquals(List.of(), second.frames);
    assertEquals(List.of(), first.frames);
    assertEquals(frames(1, 2), third.distinctFrames(), "the other nodes receive both frames");
    heal();
    assertTrue(
        first.resumed && second.resumed,
        "both sides are notified that they may have missed frames");
    one.publish(frame(3));
    two.publish(frame(4));
    deliverAll();
    assertTrue(second.distinctFrames().contains(frame(3)));
    assertTrue(first.distinctFrames().contains(frame(4)));
  }
}
