package dev.parlor.crdt.wire;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the CBOR of ephemeral messages, which any client may have written. Pure. */
public final class CborValues {
  private CborValues() {}

  /**
   * The entries of a map: nested maps with text keys, lists, texts, numbers, booleans, {@link
   * Bytes} and null. Empty for any other item and for malformed bytes.
   */
  public static Map<?, ?> map(Bytes cbor) {
    try {
      var reader = new CborReader(cbor, new CborReader.TextCache());
      return reader.value(0) instanceof Map<?, ?> map && reader.atEnd() ? map : Map.of();
    } catch (CborException malformed) {
      return Map.of();
    }
  }

  /** Writes maps, lists, texts, whole numbers, doubles, booleans and null. */
  public static Bytes write(@Nullable Object value) {
    var writer = new CborWriter();
    write(writer, value);
    return writer.toBytes();
  }

  private static void write(CborWriter writer, @Nullable Object value) {
    switch (value) {
      case null -> writer.nullValue();
      case Map<?, ?> map -> {
        writer.map(map.size());
        map.forEach(
            (key, child) -> {
              writer.text(String.valueOf(key));
              write(writer, child);
            });
      }
      case Iterable<?> list -> {
        var all = new ArrayList<@Nullable Object>();
        list.forEach(all::add);
        writer.list(all.size());
        all.forEach(each -> write(writer, each));
      }
      case String text -> writer.text(text);
      case Boolean flag -> writer.bool(flag);
      case Integer number -> writer.integer(number);
      case Long number -> writer.integer(number);
      case Double number -> writer.number(number);
      default -> throw new IllegalArgumentException("CBOR has no form for " + value.getClass());
    }
  }
}
