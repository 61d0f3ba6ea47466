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

class MemoryNodesTest extends NodeBusContract {

  private final MemoryNodes nodes = new MemoryNodes(MemoryNodes.Manners.BAD, new Random(1));

  @Override
  protected NodeBus node(int number) {
    return nodes.node(number);
  }

  @Override
  protected void quiet() {
    while (nodes.deliver()) {}
  }

  @Override
  protected void part(int number) {
    nodes.part(number, 1);
  }

  @Override
  protected void heal() {
    nodes.heal();
  }

  @Test
  void badMannersReorderAndDuplicateFrames() {
    var ear = new Ear();
    var channel = node(1).join(A, new Ear());
    var _ = node(2).join(A, ear);
    var said = IntStream.range(0, 100).mapToObj(i -> Bytes.utf8("" + i)).toList();
    said.forEach(channel::publish);
    quiet();
    assertTrue(ear.heard.size() > said.size(), "some frames arrive twice");
    assertEquals(new HashSet<>(said), ear.once());
    assertNotEquals(
        said, List.copyOf(new java.util.LinkedHashSet<>(ear.heard)), "frames arrive out of order");
  }

  @Test
  void goodMannersDeliverFramesOnceInOrder() {
    var good = new MemoryNodes(MemoryNodes.Manners.GOOD, new Random(1));
    var ear = new Ear();
    var channel = good.node(1).join(A, new Ear());
    var _ = good.node(2).join(A, ear);
    var said = IntStream.range(0, 100).mapToObj(i -> Bytes.utf8("" + i)).toList();
    said.forEach(channel::publish);
    while (good.deliver()) {}
    assertEquals(said, ear.heard);
  }

  @Test
  void aSingleServerReportsThatItIsAlone() {
    assertTrue(NodeBus.singleNode().isAlone());
    assertFalse(nodes.node(1).isAlone());
  }
}
