package dev.parlor.bench.load;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The options of one call, each with its default from the help text, whose lines define them. */
record Options(Map<String, String> values) {

  /** An unknown or invalid option. */
  static final class BadOption extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadOption(String message) {
      super(message);
    }
  }

  Options {
    values = Map.copyOf(values);
  }

  static Options parse(String help, List<String> arguments) {
    var values = new LinkedHashMap<String, String>();
    help.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("--"))
        .map(line -> line.split("\\s+", 2)[0].substring(2).split("=", 2))
        .forEach(pair -> values.put(pair[0], pair[1]));
    for (var argument : arguments) {
      var pair = argument.replaceFirst("^--", "").split("=", 2);
      if (!argument.startsWith("--") || pair.length != 2 || !values.containsKey(pair[0])) {
        throw new BadOption("unknown option " + argument + "; --help lists them");
      }
      values.put(pair[0], pair[1]);
    }
    return new Options(values);
  }

  /** A copy with one option added or changed. */
  Options with(String name, String value) {
    var more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new Options(more);
  }

  String text(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  int number(String name) {
    try {
      return Integer.parseInt(text(name));
    } catch (NumberFormatException _) {
      throw new BadOption("--" + name + " must be a whole number");
    }
  }

  List<Integer> numbers(String name) {
    try {
      return List.of(text(name).split(",", -1)).stream().map(Integer::valueOf).toList();
    } catch (NumberFormatException _) {
      throw new BadOption("--" + name + " must be whole numbers with commas between");
    }
  }

  /** Milliseconds of delay in each direction, a minute at most. */
  int delayMillis() {
    var delay = number("delay");
    if (delay < 0 || delay > 60_000) {
      throw new BadOption("--delay must be 0 to 60000");
    }
    return delay;
  }

  /** The file of an option; empty if it is not set. */
  Optional<Path> file(String name) {
    return text(name).isEmpty() ? Optional.empty() : Optional.of(Path.of(text(name)));
  }

  /** A size of a fixed scenario times {@code --scale}, at least one. */
  int scaled(int size) {
    try {
      return Math.max(1, (int) Math.round(size * Double.parseDouble(text("scale"))));
    } catch (NumberFormatException _) {
      throw new BadOption("--scale must be a number");
    }
  }

  List<ServerUnderTest> peers() {
    return List.of(text("peers").split(",", -1)).stream().map(ServerUnderTest::of).toList();
  }
}
