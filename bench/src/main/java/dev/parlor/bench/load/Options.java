package dev.parlor.bench.load;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The options of one call. The lines of the help text define their names and defaults. */
public record Options(Map<String, String> values) {

  /** An unknown or invalid option. */
  public static final class InvalidOptionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidOptionException(String message) {
      super(message);
    }
  }

  public Options {
    values = Map.copyOf(values);
  }

  public static Options parse(String help, List<String> arguments) {
    var values = new LinkedHashMap<String, String>();
    help.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("--"))
        .map(line -> line.split("\\s+", 2)[0].substring(2).split("=", 2))
        .forEach(pair -> values.put(pair[0], pair[1]));
    for (var argument : arguments) {
      var pair = argument.replaceFirst("^--", "").split("=", 2);
      if (!argument.startsWith("--") || pair.length != 2 || !values.containsKey(pair[0])) {
        throw new InvalidOptionException("unknown option " + argument + "; --help lists them");
      }
      values.put(pair[0], pair[1]);
    }
    return new Options(values);
  }

  /** A copy with one option added or changed. */
  Options with(String name, String value) {
    var changed = new LinkedHashMap<>(values);
    changed.put(name, value);
    return new Options(changed);
  }

  public String text(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  public int number(String name) {
    try {
      return Integer.parseInt(text(name));
    } catch (NumberFormatException _) {
      throw new InvalidOptionException("--" + name + " must be a whole number");
    }
  }

  List<Integer> numbers(String name) {
    try {
      return List.of(text(name).split(",", -1)).stream().map(Integer::valueOf).toList();
    } catch (NumberFormatException _) {
      throw new InvalidOptionException("--" + name + " must be whole numbers separated by commas");
    }
  }

  /** Milliseconds of delay in each direction, a minute at most. */
  int delayMillis() {
    var delay = number("delay");
    if (delay < 0 || delay > 60_000) {
      throw new InvalidOptionException("--delay must be 0 to 60000");
    }
    return delay;
  }

  /** The file of an option; empty if it is not set. */
  Optional<Path> file(String name) {
    return text(name).isEmpty() ? Optional.empty() : Optional.of(Path.of(text(name)));
  }

  /** The size of a fixed scenario multiplied by {@code --scale}; at least 1. */
  int scaled(int size) {
    try {
      return Math.max(1, (int) Math.round(size * Double.parseDouble(text("scale"))));
    } catch (NumberFormatException _) {
      throw new InvalidOptionException("--scale must be a number");
    }
  }

  List<ServerUnderTest> relays() {
    return List.of(text("peers").split(",", -1)).stream().map(ServerUnderTest::of).toList();
  }
}
