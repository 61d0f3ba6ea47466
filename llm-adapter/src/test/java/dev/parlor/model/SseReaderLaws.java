package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.SseReader.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class SseReaderLaws {
  private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};

  @Property(tries = 300)
  void chunkingDoesNotChangeTheEvents(
      @ForAll @Size(max = 8) List<@StringLength(max = 12) String> texts,
      @ForAll @IntRange(min = 0, max = 2) int lineEnd,
      @ForAll long seed)
      throws SseReader.TooLong {
    List<Event> expected = new ArrayList<>();
    StringBuilder wire = new StringBuilder(": a comment" + LINE_ENDS[lineEnd]);
    for (String raw : texts) {
      String text =
          new String(raw.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
              .replaceAll("[\\r\\n]", "é漢😀");
      wire.append("data: ").append(text).append(LINE_ENDS[lineEnd]).append(LINE_ENDS[lineEnd]);
      expected.add(new Event("message", text));
    }
    byte[] bytes = wire.toString().getBytes(StandardCharsets.UTF_8);
    Random random = new Random(seed);
    SseReader stream = new SseReader(4096);
    List<Event> events = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int count = Math.min(bytes.length - at, 1 + random.nextInt(5));
      events.addAll(stream.feed(Arrays.copyOfRange(bytes, at, at + count), count));
      at += count;
    }
    events.addAll(stream.end());
    assertEquals(expected, events);
  }

  @Property(tries = 300)
  void arbitraryBytesThrowOnlyTooLong(@ForAll @Size(max = 600) byte[] bytes) {
    SseReader stream = new SseReader(64);
    try {
      for (Event event : stream.feed(bytes, bytes.length)) {
        assertTrue(event.data().length() <= 64);
      }
    } catch (SseReader.TooLong _) {
      assertTrue(bytes.length > 64);
    }
  }

  @Property(tries = 1)
  void endlessEventIsRefused() {
    SseReader stream = new SseReader(1000);
    byte[] line = "data: 0123456789\n".getBytes(StandardCharsets.UTF_8);
    assertThrows(
        SseReader.TooLong.class,
        () -> {
          for (int i = 0; i < 200; i++) {
            stream.feed(line, line.length);
          }
        });
  }
}
