package dev.parlor.room.template;

import dev.parlor.room.schema.Named;
import dev.parlor.room.template.FrontMatter.Entries;
import dev.parlor.room.template.FrontMatter.Items;
import dev.parlor.room.template.FrontMatter.Node;
import dev.parlor.room.template.FrontMatter.Scalar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the fields of one map of a room file. A field that is invalid is reported with its line and
 * counts as missing. Used by one thread.
 */
final class FileFields {
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,9}");

  private final Entries map;
  private final BiConsumer<Integer, String> report;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param report receives the line and the reason of each fault
   */
  FileFields(Entries map, BiConsumer<Integer, String> report) {
    this.map = map;
    this.report = report;
  }

  int line() {
    return map.line();
  }

  /** The line of a field, or of the map if the field is missing. */
  int line(String name) {
    var node = map.entries().get(name);
    return node == null ? map.line() : node.line();
  }

  boolean has(String name) {
    known.add(name);
    return map.entries().containsKey(name);
  }

  private Optional<Node> node(String name) {
    known.add(name);
    return Optional.ofNullable(map.entries().get(name));
  }

  private Optional<Scalar> scalar(String name, String expected) {
    var node = node(name);
    if (node.isPresent() && !(node.get() instanceof Scalar)) {
      report.accept(node.get().line(), "“" + name + "” must be " + expected);
      return Optional.empty();
    }
    return node.map(Scalar.class::cast).filter(scalar -> !isNull(scalar));
  }

  private static boolean isNull(Scalar scalar) {
    return scalar.plain() && Set.of("", "~", "null", "Null", "NULL").contains(scalar.text());
  }

  /** A text of at most {@code lengthMax} UTF-16 units. */
  Optional<String> text(String name, int lengthMax) {
    var scalar = scalar(name, "a text");
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    var text = scalar.get().text();
    if (text.length() > lengthMax) {
      report.accept(
          scalar.get().line(),
          "“" + name + "” has " + text.length() + " characters; at most " + lengthMax + " fit");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /** A text of one line, without white space around it. */
  Optional<String> line(String name, int lengthMax) {
    var text = text(name, lengthMax).map(String::strip);
    if (text.filter(line -> line.chars().anyMatch(c -> c < ' ')).isPresent()) {
      report.accept(line(name), "“" + name + "” must be a single line");
      return Optional.empty();
    }
    return text;
  }

  /** A text that matches a pattern. */
  Optional<String> matching(String name, Pattern pattern, String expected) {
    var scalar = scalar(name, expected);
    if (scalar.filter(found -> !pattern.matcher(found.text()).matches()).isPresent()) {
      report.accept(line(name), "“" + name + "” must be " + expected);
      return Optional.empty();
    }
    return scalar.map(Scalar::text);
  }

  OptionalInt number(String name, int least, int most) {
    var expected = "a whole number from " + least + " to " + most;
    var scalar = scalar(name, expected);
    if (scalar.isEmpty()) {
      return OptionalInt.empty();
    }
    var text = scalar.get().text();
    if (scalar.get().plain() && INTEGER.matcher(text).matches()) {
      var number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    }
    report.accept(scalar.get().line(), "“" + name + "” must be " + expected);
    return OptionalInt.empty();
  }

  Optional<Boolean> flag(String name) {
    var scalar = scalar(name, "true or false");
    if (scalar.isEmpty()) {
      return Optional.empty();
    }
    var text = scalar.get().text();
    if (scalar.get().plain() && (text.equals("true") || text.equals("false"))) {
      return Optional.of(text.equals("true"));
    }
    report.accept(scalar.get().line(), "“" + name + "” must be true or false");
    return Optional.empty();
  }

  <T extends Named> Optional<T> choice(String name, List<T> choices) {
    var expected = "one of " + choices.stream().map(Named::wire).collect(Collectors.joining(", "));
    var scalar = scalar(name, expected);
    var chosen =
        scalar.flatMap(
            found -> choices.stream().filter(each -> each.wire().equals(found.text())).findFirst());
    if (scalar.isPresent() && chosen.isEmpty()) {
      report.accept(scalar.get().line(), "“" + name + "” must be " + expected);
    }
    return chosen;
  }

  <T extends Named> Optional<T> choice(String name, T[] choices) {
    return choice(name, Arrays.asList(choices));
  }

  /** A list of maps. */
  List<FileFields> maps(String name, int most) {
    var node = node(name);
    if (node.isEmpty()) {
      return List.of();
    }
    if (!(node.get() instanceof Items(var items, var line))) {
      report.accept(node.get().line(), "“" + name + "” must be a list");
      return List.of();
    }
    if (items.size() > most) {
      report.accept(
          line, "“" + name + "” has " + items.size() + " entries; at most " + most + " fit");
      return List.of();
    }
    List<FileFields> maps = new ArrayList<>();
    for (var item : items) {
      if (item instanceof Entries entries) {
        maps.add(new FileFields(entries, report));
      } else {
        report.accept(item.line(), "each entry of “" + name + "” must be a map");
      }
    }
    return maps;
  }

  /** Reports each field that no method has asked for. Call it last. */
  void refuseOthers() {
    map.entries()
        .forEach(
            (name, node) -> {
              if (!known.contains(name)) {
                report.accept(
                    node.line(),
                    "there is no field “"
                        + (name.length() > 40 ? name.substring(0, 40) + "…" : name)
                        + "” here; known are "
                        + String.join(", ", known));
              }
            });
  }
}
