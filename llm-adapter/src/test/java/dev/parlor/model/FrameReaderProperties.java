package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.FrameReader.Frame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Properties of {@link FrameReader} for random texts and bytes. */
class FrameReaderProperties {
  private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};

  @Property(tries = 300)
  @Label("the events do not depend on how the bytes are split into chunks")
  void chunkingDoesNotChangeTheEvents(
      @ForAll @Size(max = 8) List<@StringLength(max = 12) String> texts,
      @ForAll @IntRange(min = 0, max = 2) int lineEnd,
      @ForAll long seed)
      throws FrameReader.FrameTooLong {
    List<Frame> expected = new ArrayList<>();
    StringBuilder stream = new StringBuilder(": a comment" + LINE_ENDS[lineEnd]);
    for (String randomText : texts) {
      String text =
          new String(randomText.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
              .replaceAll("[\\r\\n]", "é漢😀");
      stream.append("data: ").append(text).append(LINE_ENDS[lineEnd]).append(LINE_ENDS[lineEnd]);
      expected.add(new Frame("message", text));
    }
    byte[] bytes = stream.toString().getBytes(StandardCharsets.UTF_8);
    Random random = new Random(seed);
    FrameReader reader = new FrameReader(4096);
    List<Frame> events = new ArrayList<>();
    for (int offset = 0; offset < bytes.length; ) {
      int count = Math.min(bytes.length - offset, 1 + random.nextInt(5));
      events.addAll(reader.feed(Arrays.copyOfRange(bytes, offset, offset + count), count));
      offset += count;
    }
    events.addAll(reader.end());
    assertEquals(expected, events);
  }

  @Property(tries = 300)
  @Label("arbitrary bytes cause no other exception than FrameTooLong")
  void arbitraryBytesThrowOnlyFrameTooLong(@ForAll @Size(max = 600) byte[] bytes) {
    FrameReader reader = new FrameReader(64);
    try {
      for (Frame event : reader.feed(bytes, bytes.length)) {
        assertTrue(event.data().length() <= 64);
      }
    } catch (FrameReader.FrameTooLong _) {
      assertTrue(bytes.length > 64);
    }
  }

  @Example
  @Label("an endless event throws FrameTooLong")
  void endlessEventIsRefused() {
    FrameReader reader = new FrameReader(1000);
    byte[] line = "data: 0123456789\n".getBytes(StandardCharsets.UTF_8);
    assertThrows(
        FrameReader.FrameTooLong.class,
        () -> {
          for (int i = 0; i < 200; i++) {
            reader.feed(line, line.length);
          }
        });
  }
}
