package dev.parlor.relay.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryNodeBusTest extends NodeBusContract {

  private final MemoryNodeBus bus =
      new MemoryNodeBus(MemoryNodeBus.Reliability.UNRELIABLE, new Random(1));

  @Override
  protected NodeBus node(int number) {
    return bus.node(number);
  }

  @Override
  protected void deliverAll() {
    while (bus.deliver()) {}
  }

  @Override
  protected void separate(int number) {
    bus.separate(number, 1);
  }

  @Override
  protected void heal() {
    bus.heal();
  }

  @Test
  void unreliableBusReordersAndDuplicatesFrames() {
    var listener = new RecordingListener();
    var channel = node(1).join(A, new RecordingListener());
    var _ = node(2).join(A, listener);
    var published = IntStream.range(0, 100).mapToObj(i -> Bytes.utf8("" + i)).toList();
    published.forEach(channel::publish);
    deliverAll();
    assertTrue(listener.frames.size() > published.size(), "some frames arrive twice");
    assertEquals(new HashSet<>(published), listener.distinctFrames());
    assertNotEquals(
        published,
        List.copyOf(new java.util.LinkedHashSet<>(listener.frames)),
        "frames arrive out of order");
  }

  @Test
  void reliableBusDeliversFramesOnceInOrder() {
    var reliable = new MemoryNodeBus(MemoryNodeBus.Reliability.RELIABLE, new Random(1));
    var listener = new RecordingListener();
    var channel = reliable.node(1).join(A, new RecordingListener());
    var _ = reliable.node(2).join(A, listener);
    var published = IntStream.range(0, 100).mapToObj(i -> Bytes.utf8("" + i)).toList();
    published.forEach(channel::publish);
    while (reliable.deliver()) {}
    assertEquals(published, listener.frames);
  }

  @Test
  void onlyTheBusOfASingleNodeIsAlone() {
    assertTrue(NodeBus.singleNode().isAlone());
    assertFalse(bus.node(1).isAlone());
  }
}
