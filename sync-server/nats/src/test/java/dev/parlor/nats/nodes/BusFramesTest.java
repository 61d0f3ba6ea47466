package dev.parlor.nats.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BusFramesTest {

  private static Bytes frame(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private static List<Bytes> parts(Bytes frame, long number, int max) {
    return BusFrames.messages(frame, number, max).stream().map(Bytes::wrap).toList();
  }

  @Test
  @DisplayName("parts of several frames in any order, some twice, give each frame once")
  void partsInAnyOrder() {
    for (var seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var joiner = new BusFrames.Joiner(1 << 20);
      var frames = List.of(frame(500), frame(101), frame(1_000));
      var messages = new ArrayList<Bytes>();
      for (var i = 0; i < frames.size(); i++) {
        messages.addAll(parts(frames.get(i), i, 100));
      }
      Collections.shuffle(messages, random);
      var joined = new ArrayList<Bytes>();
      for (var message : messages) {
        assertTrue(message.length() <= 100);
        joiner.add(message).ifPresent(joined::add);
      }
      assertEquals(frames.stream().sorted().toList(), joined.stream().sorted().toList());
      assertFalse(joiner.takeLoss());
    }
  }

  @Test
  @DisplayName(
      "above the limit of incomplete bytes the oldest frame is dropped and the loss is told")
  void incompleteFramesAreLimited() {
    var joiner = new BusFrames.Joiner(300);
    var old = parts(frame(400), 1, 200);
    var young = parts(frame(350), 2, 200);
    assertEquals(Optional.empty(), joiner.add(old.get(0)));
    assertEquals(Optional.empty(), joiner.add(young.get(0)));
    assertTrue(joiner.takeLoss());
    assertFalse(joiner.takeLoss(), "each loss is told once");
    assertEquals(Optional.of(frame(350)), joiner.add(young.get(1)));
  }

  @Test
  @DisplayName("malformed parts are ignored")
  void malformedParts() {
    var joiner = new BusFrames.Joiner(1_000);
    assertEquals(Optional.empty(), joiner.add(Bytes.wrap(new byte[3])));
    var negative = new byte[BusFrames.PART_HEADER_BYTES];
    java.nio.ByteBuffer.wrap(negative).put(BusFrames.PART).putLong(1).putInt(-1).putInt(4);
    assertEquals(Optional.empty(), joiner.add(Bytes.wrap(negative)));
    var huge = new byte[BusFrames.PART_HEADER_BYTES];
    java.nio.ByteBuffer.wrap(huge)
        .put(BusFrames.PART)
        .putLong(1)
        .putInt(0)
        .putInt(Integer.MAX_VALUE);
    assertEquals(Optional.empty(), joiner.add(Bytes.wrap(huge)));
  }
}
