package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads untrusted CBOR (RFC 8949) item by item [WS2]. It accepts any definite encoding of a length,
 * ignores tags, and accepts floats instead of integers. It refuses input with a {@link
 * CborException}, and never allocates by a length that exceeds the input. Used by one thread.
 */
final class CborReader {

  /** The deepest accepted nesting; it limits the stack that skipping needs. */
  static final int DEPTH_MAX = 64;

  private static final int BYTE_STRING = 2;
  private static final int TEXT_STRING = 3;
  private static final int ARRAY = 4;
  private static final int MAP = 5;
  private static final int TAG = 6;

  private final Bytes input;
  private final TextCache texts;
  private int position;

  /** The low five bits of the first byte of the current item. */
  private int additional;

  CborReader(Bytes input, TextCache texts) {
    this.input = input;
    this.texts = texts;
  }

  /** The number of bytes that were read. */
  int position() {
    return position;
  }

  boolean atEnd() {
    return position == input.length();
  }

  /** Begins to read the frame's map and returns its number of entries. */
  int frame() {
    var major = position < input.length() ? input.at(position) >>> 5 : MAP;
    if (major != MAP && major != TAG) {
      throw new CborException("WS1", "a frame is one CBOR map");
    }
    return map();
  }

  /** Begins to read a map and returns its number of entries. */
  int map() {
    return count(MAP, 2, "a map");
  }

  /** Begins to read a list and returns its number of elements. */
  int list() {
    return count(ARRAY, 1, "a list");
  }

  String text() {
    return texts.text(string(TEXT_STRING, "a text"));
  }

  /** Reads a byte string; the result shares the array of the input. */
  Bytes bytes() {
    return string(BYTE_STRING, "a byte string");
  }

  /** Reads an integer. JavaScript may write it as a float without a fraction. */
  long integer() {
    var major = major();
    if (major <= 1) {
      var value = argument();
      if (value < 0) {
        throw new CborException("WS2", "an integer does not fit 63 bits");
      }
      return major == 0 ? value : -1 - value;
    }
    if (major == 7 && additional >= 25 && additional <= 27) {
      var value = floating();
      if (value == Math.rint(value) && Math.abs(value) <= 0x1p53) {
        return (long) value;
      }
    }
    throw new CborException("WS2", "an integer was expected");
  }

  boolean bool() {
    if (major() == 7 && (additional == 20 || additional == 21)) {
      return additional == 21;
    }
    throw new CborException("WS2", "true or false was expected");
  }

  /** Skips the next item if it is {@code null} or {@code undefined}; returns whether it was. */
  boolean skipNull() {
    if (position < input.length()) {
      var head = input.at(position);
      if (head == 0xf6 || head == 0xf7) {
        position++;
        return true;
      }
    }
    return false;
  }

  /**
   * Reads one item of any type as a map with text keys, a list, a text, a number, a boolean, {@link
   * Bytes}, or null.
   */
  @Nullable Object value(int depth) {
    if (depth > DEPTH_MAX) {
      throw new CborException("WS1", "nested deeper than " + DEPTH_MAX);
    }
    if (skipNull()) {
      return null;
    }
    var start = position;
    var major = major();
    position = start;
    return switch (major) {
      case 0, 1 -> integer();
      case BYTE_STRING -> bytes();
      case TEXT_STRING -> text();
      case ARRAY -> {
        var all = new ArrayList<@Nullable Object>();
        for (var left = list(); left > 0; left--) {
          all.add(value(depth + 1));
        }
        yield all;
      }
      case MAP -> {
        var all = new LinkedHashMap<String, @Nullable Object>();
        for (var left = map(); left > 0; left--) {
          var key = text();
          all.put(key, value(depth + 1));
        }
        yield all;
      }
      default -> simple();
    };
  }

  private Object simple() {
    var _ = major();
    if (additional == 20 || additional == 21) {
      return additional == 21;
    }
    if (additional >= 25 && additional <= 27) {
      return floating();
    }
    throw new CborException("WS2", "a value of another type was expected");
  }

  /** Skips one item of any type. */
  void skip() {
    skip(0);
  }

  private void skip(int depth) {
    if (depth > DEPTH_MAX) {
      throw new CborException("WS1", "nested deeper than " + DEPTH_MAX);
    }
    var major = major();
    switch (major) {
      case 0, 1 -> argument();
      case BYTE_STRING, TEXT_STRING -> readSlice(argument());
      case ARRAY, MAP -> {
        var entries = argument();
        if (entries < 0 || entries > input.length() - position) {
          throw new CborException("WS1", "a list or map claims more entries than the frame holds");
        }
        for (var i = 0L; i < (major == MAP ? 2 * entries : entries); i++) {
          skip(depth + 1);
        }
      }
      case 7 -> {
        if (additional > 27) {
          throw new CborException("WS1", "an indefinite length");
        }
        readSlice(additional < 24 ? 0 : 1L << (additional - 24));
      }
      default ->
          throw new IllegalStateException("major() returns no tags, and major types end at 7");
    }
  }

  private int count(int expectedMajor, int bytesPerEntry, String expectedItem) {
    if (major() != expectedMajor) {
      throw new CborException("WS2", expectedItem + " was expected");
    }
    var entries = argument();
    if (entries < 0 || entries > (input.length() - position) / bytesPerEntry) {
      throw new CborException("WS1", expectedItem + " claims more entries than the frame holds");
    }
    return (int) entries;
  }

  private Bytes string(int expectedMajor, String expectedItem) {
    if (major() != expectedMajor) {
      throw new CborException("WS2", expectedItem + " was expected");
    }
    return readSlice(argument());
  }

  /** Reads the first byte of an item after any tags, and returns the item's major type. */
  private int major() {
    while (true) {
      var head = next();
      additional = head & 0x1f;
      var major = head >>> 5;
      if (major != TAG) {
        return major;
      }
      argument();
    }
  }

  /** Reads the argument of the item's first byte. From 2^63 on the result is negative. */
  private long argument() {
    if (additional < 24) {
      return additional;
    }
    if (additional > 27) {
      throw new CborException("WS1", "an indefinite length");
    }
    var value = 0L;
    for (var i = 1 << (additional - 24); i > 0; i--) {
      value = value << 8 | next();
    }
    return value;
  }

  private double floating() {
    return switch (additional) {
      case 25 -> Float.float16ToFloat((short) argument());
      case 26 -> Float.intBitsToFloat((int) argument());
      default -> Double.longBitsToDouble(argument());
    };
  }

  private int next() {
    if (position >= input.length()) {
      throw new CborException("WS1", "the frame ends in the middle of a value");
    }
    return input.at(position++);
  }

  private Bytes readSlice(long count) {
    if (count < 0 || count > input.length() - position) {
      throw new CborException("WS1", "the frame ends in the middle of a value");
    }
    var slice = input.slice(position, (int) count);
    position += (int) count;
    return slice;
  }

  /**
   * Caches short texts by their bytes, because a connection repeats the same keys and ids in every
   * frame.
   */
  static final class TextCache {
    private static final int SLOTS = 256;
    private static final int LENGTH_MAX = 64;

    private final Bytes[] keys = new Bytes[SLOTS];
    private final String[] values = new String[SLOTS];

    String text(Bytes utf8) {
      if (utf8.length() > LENGTH_MAX) {
        return decode(utf8);
      }
      var hash = utf8.hashCode();
      var slot = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SLOTS - 1);
      if (!utf8.equals(keys[slot])) {
        values[slot] = decode(utf8);
        keys[slot] = Bytes.wrap(utf8.toArray());
      }
      return values[slot];
    }

    private static String decode(Bytes utf8) {
      var text = utf8.toUtf8();
      if (text.indexOf('\ufffd') >= 0
          && !Bytes.wrap(text.getBytes(StandardCharsets.UTF_8)).equals(utf8)) {
        throw new CborException("WS1", "a text is not UTF-8");
      }
      return text;
    }
  }
}
