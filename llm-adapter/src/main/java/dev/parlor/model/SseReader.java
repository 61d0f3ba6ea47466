package dev.parlor.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes server-sent events from chunks of bytes. A chunk may end anywhere, even inside a line end
 * or a character. Buffers at most one event, up to {@code eventBytesMax} bytes. Used by one thread.
 */
final class SseReader {

  /** One event; {@code name} is {@code message} if the stream sends no name. */
  record Event(String name, String data) {}

  /** Signals an event that is larger than {@code eventBytesMax}. */
  static final class EventTooLong extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final int eventBytesMax;
  private byte[] line = new byte[512];
  private int length;
  private boolean afterCarriageReturn;
  private String name = "";
  private final StringBuilder data = new StringBuilder();
  private boolean hasData;

  SseReader(int eventBytesMax) {
    this.eventBytesMax = eventBytesMax;
  }

  /** Decodes these bytes and returns the events that they complete. */
  List<Event> feed(byte[] bytes, int count) throws EventTooLong {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte b = bytes[i];
      boolean completesCrLf = afterCarriageReturn && b == '\n';
      afterCarriageReturn = b == '\r';
      if (completesCrLf) {
        continue;
      }
      if (b == '\n' || b == '\r') {
        endLine(events);
      } else {
        append(b);
      }
    }
    return events;
  }

  /** Returns the last event of a stream that ended without a blank line. */
  List<Event> end() throws EventTooLong {
    List<Event> events = new ArrayList<>();
    endLine(events);
    dispatch(events);
    return events;
  }

  private void append(byte b) throws EventTooLong {
    if (length >= eventBytesMax) {
      throw new EventTooLong();
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, Math.min(eventBytesMax, length * 2));
    }
    line[length++] = b;
  }

  private void endLine(List<Event> events) throws EventTooLong {
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    if (text.isEmpty()) {
      dispatch(events);
      return;
    }
    if (text.charAt(0) == '\ufeff') {
      text = text.substring(1);
    }
    int colon = text.indexOf(':');
    String field = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (field) {
      case "data" -> {
        if (data.length() + value.length() > eventBytesMax) {
          throw new EventTooLong();
        }
        data.append(hasData ? "\n" : "").append(value);
        hasData = true;
      }
      case "event" -> name = value;
      default -> {} // a comment, id, retry, or a field of a later version
    }
  }

  private void dispatch(List<Event> events) {
    if (hasData) {
      events.add(new Event(name.isEmpty() ? "message" : name, data.toString()));
    }
    data.setLength(0);
    hasData = false;
    name = "";
  }
}
