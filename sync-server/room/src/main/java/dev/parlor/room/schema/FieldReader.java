package dev.parlor.room.schema;

import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one map of a document. Reading never fails: each method returns a value of
 * the requested kind, and adds each repair to the list of problems.
 */
final class FieldReader {

  /** The problems of one reading. Above the limit, they are only counted. */
  static final class Problems {
    private final List<Problem> problems = new ArrayList<>();
    private int unlisted;

    void add(String path, String message) {
      add(new Problem(path, message));
    }

    void add(Problem problem) {
      if (problems.size() < RoomLimits.PROBLEMS_MAX - 1) {
        problems.add(problem);
      } else {
        unlisted++;
      }
    }

    List<Problem> list() {
      if (unlisted == 0) {
        return List.copyOf(problems);
      }
      var all = new ArrayList<>(problems);
      all.add(new Problem("", unlisted + " further problems"));
      return List.copyOf(all);
    }
  }

  private final Map<String, Value> entries;
  private final String path;
  private final Problems problems;

  private FieldReader(Map<String, Value> entries, String path, Problems problems) {
    this.entries = entries;
    this.path = path;
    this.problems = problems;
  }

  /** The fields of a value. A value that is not a map has no fields and adds a problem. */
  static FieldReader of(@Nullable Value value, String path, Problems problems) {
    if (value instanceof Value.MapOf(var entries)) {
      return new FieldReader(entries, path, problems);
    }
    problems.add(path, value == null ? "is missing" : "is not a map");
    return new FieldReader(Collections.emptySortedMap(), path, problems);
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "/" + key;
  }

  private void addProblem(String key, @Nullable Value value, String expected) {
    problems.add(pathOf(key), (value == null ? "is missing, should be " : "should be ") + expected);
  }

  /** The value; null if it is absent or null in the document. */
  private @Nullable Value present(String key) {
    var value = entries.get(key);
    return value instanceof Value.Null ? null : value;
  }

  /** A string, either text or scalar, truncated at {@code lengthMax} UTF-16 units. */
  String string(String key, int lengthMax, String fallback) {
    var value = present(key);
    return switch (value) {
      case Value.Text(var text) -> truncate(key, text, lengthMax);
      case Value.Str(var text) -> truncate(key, text, lengthMax);
      case null, default -> {
        addProblem(key, value, "a string");
        yield fallback;
      }
    };
  }

  @Nullable String stringOrNull(String key, int lengthMax) {
    return present(key) == null ? null : string(key, lengthMax, "");
  }

  private String truncate(String key, String text, int lengthMax) {
    if (text.length() <= lengthMax) {
      return text;
    }
    var message = "is longer than " + lengthMax + " characters; shown cut";
    problems.add(new Problem(pathOf(key), message, lengthMax));
    return Texts.cut(text, lengthMax);
  }

  /** An integer, read from an integer, a float (its whole part), a counter or a timestamp. */
  long integer(String key, long min, long max, long fallback) {
    var value = present(key);
    var number = number(value);
    if (number == null || number < min || number > max) {
      addProblem(
          key,
          value,
          min == 0 && max == RoomLimits.INTEGER_MAX
              ? "an integer from 0"
              : "an integer from " + min + " to " + max);
      return fallback;
    }
    return number;
  }

  @Nullable Long integerOrNull(String key, long min, long max) {
    if (present(key) == null) {
      return null;
    }
    var number = integer(key, min, max, min - 1);
    return number < min ? null : (Long) number;
  }

  /** A choice that may be absent; an unknown choice counts as absent. */
  <T extends Named> @Nullable T choiceOrNull(String key, T[] choices) {
    return present(key) == null
        ? null
        : Named.find(choices, string(key, RoomLimits.SHORT_LENGTH_MAX, "")).orElse(null);
  }

  private static @Nullable Long number(@Nullable Value value) {
    return switch (value) {
      case Value.Int(var number) -> number;
      case Value.Uint(var number) -> number;
      case Value.Counter(var number) -> number;
      case Value.Timestamp(var millis) -> millis;
      case Value.Float(var number) when Math.abs(number) <= 0x1p53 -> (long) number;
      case null, default -> null;
    };
  }

  /** A flag that must be present. */
  boolean flag(String key) {
    var value = present(key);
    if (value instanceof Value.Bool(var flag)) {
      return flag;
    }
    addProblem(key, value, "true or false");
    return false;
  }

  /** A flag that is false if it is absent. */
  boolean flagOrFalse(String key) {
    return present(key) != null && flag(key);
  }

  /** A flag that is true if it is absent. Any value other than true is false. */
  boolean flagOrTrue(String key) {
    return present(key) == null || flag(key);
  }

  <T extends Named> T choice(String key, T[] choices, T fallback) {
    var value = present(key);
    var wire =
        switch (value) {
          case Value.Text(var text) -> text;
          case Value.Str(var text) -> text;
          case null, default -> "";
        };
    var found = Named.find(choices, wire);
    if (found.isEmpty()) {
      addProblem(
          key,
          value,
          "one of " + String.join(", ", List.of(choices).stream().map(Named::wire).toList()));
    }
    return found.orElse(fallback);
  }

  /** Two integers around a separator. */
  int[] pair(String key, char separator, int min, int max, int[] fallback) {
    var text = string(key, RoomLimits.SHORT_LENGTH_MAX, "");
    var at = text.indexOf(separator);
    if (at > 0) {
      try {
        var a = Double.parseDouble(text.substring(0, at).strip());
        var b = Double.parseDouble(text.substring(at + 1).strip());
        if (a >= min && a <= max && b >= min && b <= max) {
          return new int[] {(int) Math.round(a), (int) Math.round(b)};
        }
      } catch (NumberFormatException e) {
        // reported below, like a pair out of range
      }
    }
    addProblem(key, entries.get(key), "two numbers around '" + separator + "'");
    return fallback;
  }

  /** The strings of a list, either text or scalar. Other items are left out. */
  List<String> strings(String key, int lengthMax) {
    var value = present(key);
    if (!(value instanceof Value.ListOf(var items))) {
      addProblem(key, value, "a list of strings");
      return List.of();
    }
    var strings = new ArrayList<String>(items.size());
    for (var item : items) {
      switch (item) {
        case Value.Text(var text) -> strings.add(truncate(key, text, lengthMax));
        case Value.Str(var text) -> strings.add(truncate(key, text, lengthMax));
        default -> addProblem(key, item, "a list of strings");
      }
    }
    return strings;
  }

  /** As {@link #strings}; a list that is null or missing is empty and no problem. */
  List<String> stringsOrNone(String key, int lengthMax) {
    return present(key) == null ? List.of() : strings(key, lengthMax);
  }

  /** The fields of a map. */
  FieldReader map(String key) {
    return of(present(key), pathOf(key), problems);
  }

  /** The fields of a map that may be absent or null. */
  @Nullable FieldReader mapOrNull(String key) {
    return present(key) == null ? null : map(key);
  }

  /** A map as it is; empty if there is none. */
  Value.MapOf mapOrEmpty(String key) {
    return present(key) instanceof Value.MapOf map ? map : new Value.MapOf(new TreeMap<>());
  }

  /** The integers of a map that may be absent. Other values are left out. */
  Map<String, Long> integersOrNone(String key) {
    var inside = mapOrNull(key);
    var all = new LinkedHashMap<String, Long>();
    if (inside != null) {
      for (var name : inside.entries.keySet()) {
        var number = inside.integerOrNull(name, 0, RoomLimits.INTEGER_MAX);
        if (number != null) {
          all.put(name, number);
        }
      }
    }
    return all;
  }

  /** As {@link #entries}; a map that is null or missing is empty and no problem. */
  <T> List<T> entriesOrNone(String key, EntryReader<T> reader) {
    return present(key) == null ? List.of() : entries(key, reader);
  }

  /** The entries of a map of maps. Entries that are not maps are left out. */
  <T> List<T> entries(String key, EntryReader<T> reader) {
    var inside = map(key);
    var all = new ArrayList<T>();
    inside.entries.forEach(
        (id, value) -> {
          if (value instanceof Value.MapOf(var fields)) {
            all.add(reader.read(id, new FieldReader(fields, inside.pathOf(id), problems)));
          } else {
            inside.addProblem(id, value, "a map");
          }
        });
    return all;
  }

  /** Reads one entry of a map of maps. */
  interface EntryReader<T> {
    T read(String id, FieldReader fields);
  }

  /** As {@link #items}; a list that is null or missing is empty and no problem. */
  <T> List<T> itemsOrNone(String key, Function<FieldReader, T> reader) {
    return present(key) == null ? List.of() : items(key, reader);
  }

  /** The items of a list that are maps. */
  <T> List<T> items(String key, Function<FieldReader, T> reader) {
    var value = present(key);
    if (!(value instanceof Value.ListOf(var items))) {
      addProblem(key, value, "a list");
      return List.of();
    }
    var all = new ArrayList<T>(items.size());
    for (var i = 0; i < items.size(); i++) {
      var itemPath = pathOf(key) + "/" + i;
      if (items.get(i) instanceof Value.MapOf(var fields)) {
        all.add(reader.apply(new FieldReader(fields, itemPath, problems)));
      } else {
        problems.add(itemPath, "should be a map");
      }
    }
    return all;
  }
}
