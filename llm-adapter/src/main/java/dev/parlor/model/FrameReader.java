package dev.parlor.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Decodes frames from chunks of bytes: server-sent events, and JSON objects that stand on lines of
 * their own. The bytes decide, since endpoints label their answers wrongly. A chunk may end
 * anywhere, even inside a line end or a character. Used by one thread.
 *
 * <p>Tolerates streams whose events are separated by one line end, an {@code error:} field in the
 * place of {@code data:}, JSON that is spread over lines, and a JSON array of objects.
 */
final class FrameReader {

  /**
   * One frame.
   *
   * @param name the event's name; {@code message} if the stream sends no name, {@code error} for
   *     the field {@code error:}
   * @param isBare whether the frame is JSON without the field {@code data:}
   */
  record Frame(String name, String data, boolean isBare) {
    Frame(String name, String data) {
      this(name, data, false);
    }
  }

  /** Signals a frame that is larger than the limit. */
  static final class FrameTooLong extends Exception {
    private static final long serialVersionUID = 1L;
    private final int bytesMax;

    FrameTooLong(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    int bytesMax() {
      return bytesMax;
    }
  }

  /** Characters of {@link #strayText} that are kept. */
  private static final int STRAY_LENGTH_MAX = 300;

  private final int eventBytesMax;
  private final int bareBytesMax;
  private byte[] line = new byte[512];
  private int length;
  private boolean afterCarriageReturn;
  private String name = "";
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;
  private final JsonEnd dataEnd = new JsonEnd();

  private final StringBuilder bare = new StringBuilder();
  private final JsonEnd bareEnd = new JsonEnd();
  private final StringBuilder stray = new StringBuilder();

  FrameReader(int eventBytesMax) {
    this(eventBytesMax, eventBytesMax);
  }

  /**
   * @param eventBytesMax bytes of one event; above: {@link FrameTooLong}
   * @param bareBytesMax bytes of a JSON object on lines of its own; above: as above
   */
  FrameReader(int eventBytesMax, int bareBytesMax) {
    this.eventBytesMax = eventBytesMax;
    this.bareBytesMax = bareBytesMax;
  }

  /** Decodes these bytes and returns the frames that they complete. */
  List<Frame> feed(byte[] bytes, int count) throws FrameTooLong {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte b = bytes[i];
      boolean completesCrLf = afterCarriageReturn && b == '\n';
      afterCarriageReturn = b == '\r';
      if (completesCrLf) {
        continue;
      }
      if (b == '\n' || b == '\r') {
        endLine(frames);
      } else {
        append(b);
      }
    }
    return frames;
  }

  /** Returns the last frames of a stream that ended without a blank line. */
  List<Frame> end() throws FrameTooLong {
    List<Frame> frames = new ArrayList<>();
    endLine(frames);
    dispatch(frames);
    if (!bare.isEmpty()) {
      frames.add(new Frame("message", bare.toString(), true)); // JSON that is cut
      bare.setLength(0);
    }
    return frames;
  }

  /** The beginning of text that is neither an event nor JSON; empty if there is none. */
  String strayText() {
    return stray.toString().strip();
  }

  private void append(byte b) throws FrameTooLong {
    int max = !bare.isEmpty() || (length > 0 && line[0] == '{') ? bareBytesMax : eventBytesMax;
    if (length >= max) {
      throw new FrameTooLong(max);
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, Math.min(max, length * 2));
    }
    line[length++] = b;
  }

  private void endLine(List<Frame> frames) throws FrameTooLong {
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    if (!text.isEmpty() && text.charAt(0) == '\ufeff') {
      text = text.substring(1);
    }
    readLine(text, frames);
  }

  private void readLine(String text, List<Frame> frames) throws FrameTooLong {
    if (!bare.isEmpty()) {
      readBare(text, frames);
      return;
    }
    if (text.isEmpty()) {
      dispatch(frames);
      return;
    }
    String content = text.stripLeading();
    if (content.startsWith("[DONE]")) {
      dispatch(frames);
      frames.add(new Frame("message", "[DONE]", true));
    } else if (content.startsWith("{")) {
      dispatch(frames);
      readBare(content, frames);
    } else if (content.startsWith("[") || content.startsWith(",") || content.startsWith("]")) {
      readLine(content.substring(1), frames); // an array of objects
    } else {
      readField(text, frames);
    }
  }

  /** Adds a line to the JSON object that stands on lines of its own. */
  private void readBare(String text, List<Frame> frames) throws FrameTooLong {
    int end = bareEnd.find(text);
    if (end < 0) {
      bare.append(text).append('\n');
      if (bare.length() > bareBytesMax) {
        throw new FrameTooLong(bareBytesMax);
      }
      return;
    }
    bare.append(text, 0, end);
    if (bare.length() > bareBytesMax) {
      throw new FrameTooLong(bareBytesMax);
    }
    frames.add(new Frame("message", bare.toString(), true));
    bare.setLength(0);
    String rest = text.substring(end).strip();
    if (!rest.isEmpty()) {
      readLine(rest, frames);
    }
  }

  private void readField(String text, List<Frame> frames) throws FrameTooLong {
    int colon = text.indexOf(':');
    String field = fieldName(colon < 0 ? text : text.substring(0, colon));
    String value = colon < 0 ? "" : text.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (field) {
      case "data" -> addData(withoutField(value), frames);
      case "event" -> name = value;
      case "error" -> frames.add(new Frame("error", value));
      case "", "id", "retry" -> {} // a comment, or a field that says nothing about the answer
      default -> {
        if (stray.length() < STRAY_LENGTH_MAX) {
          int most = Math.min(text.length(), STRAY_LENGTH_MAX);
          stray.append(text, 0, most).append(' ');
        }
      }
    }
  }

  /** Some proxies write {@code data} and {@code event} with spaces before it or in capitals. */
  private static String fieldName(String name) {
    String plain = name.stripLeading().toLowerCase(Locale.ROOT);
    return plain.equals("data") || plain.equals("event") ? plain : name;
  }

  /** Some proxies put the field before a line that has it already. */
  private static String withoutField(String value) {
    String text = value;
    while (text.startsWith("data:")) {
      text = text.substring("data:".length()).stripLeading();
    }
    return text;
  }

  private void addData(String value, List<Frame> frames) throws FrameTooLong {
    boolean isComplete = hasData && (dataEnd.isFound() || data.toString().strip().equals("[DONE]"));
    if (isComplete) {
      dispatch(frames); // a stream without blank lines between its events
    }
    if (data.length() + value.length() > eventBytesMax) {
      throw new FrameTooLong(eventBytesMax);
    }
    if (!hasData) {
      dataEnd.restart();
    }
    data.append(hasData ? "\n" : "").append(value);
    var _ = dataEnd.find(value);
    hasData = true;
  }

  /** Adds an event; a proxy may have joined the objects of several events in one. */
  private static void addFrames(String name, String data, List<Frame> frames) {
    String rest = data;
    if (data.startsWith("{")) {
      JsonEnd end = new JsonEnd();
      int length = end.find(rest);
      while (length > 0 && rest.substring(length).stripLeading().startsWith("{")) {
        frames.add(new Frame(name, rest.substring(0, length)));
        rest = rest.substring(length).stripLeading();
        length = end.find(rest);
      }
    }
    frames.add(new Frame(name, rest));
  }

  private void dispatch(List<Frame> frames) {
    if (hasData) {
      addFrames(name.isEmpty() ? "message" : name, data.toString(), frames);
    }
    data.setLength(0);
    hasData = false;
    dataEnd.restart();
    name = "";
  }
}
