package dev.parlor.server.backup;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments of a command: names of files, the command's own options, and settings of the
 * server.
 *
 * @param paths arguments that are no option
 * @param values the command's options with a value, without the leading dashes
 * @param switches the command's options without a value
 * @param settings all other options, for the server's settings
 */
record CommandArguments(
    List<String> paths, Map<String, String> values, Set<String> switches, List<String> settings) {

  CommandArguments {
    paths = List.copyOf(paths);
    values = Map.copyOf(values);
    switches = Set.copyOf(switches);
    settings = List.copyOf(settings);
  }

  /** A mistake on the command line, as one sentence. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String sentence) {
      super(sentence);
    }
  }

  /**
   * Reads the arguments.
   *
   * @param withValue the command's options with a value
   * @param without the command's options without a value
   */
  static CommandArguments parse(List<String> arguments, Set<String> withValue, Set<String> without)
      throws Refused {
    var paths = new ArrayList<String>();
    var values = new HashMap<String, String>();
    var switches = new HashSet<String>();
    var settings = new ArrayList<String>();
    for (var i = 0; i < arguments.size(); i++) {
      var argument = arguments.get(i);
      var key = argument.startsWith("--") ? argument.substring(2) : "";
      var hasNext = i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--");
      if (key.isEmpty()) {
        paths.add(argument);
      } else if (without.contains(key)) {
        switches.add(key);
      } else if (withValue.contains(key)) {
        if (!hasNext) {
          throw new Refused("--" + key + " needs a value");
        }
        values.put(key, arguments.get(++i));
      } else {
        settings.add(argument);
        if (!key.contains("=") && hasNext) {
          settings.add(arguments.get(++i));
        }
      }
    }
    return new CommandArguments(paths, values, switches, settings);
  }

  /** The path at a position. */
  String path(int index, String what) throws Refused {
    if (index >= paths.size()) {
      throw new Refused(what + " is missing");
    }
    return paths.get(index);
  }

  /** Refuses further paths. */
  void requirePaths(int count) throws Refused {
    if (paths.size() > count) {
      throw new Refused("\"" + paths.get(count) + "\" is one argument too many");
    }
  }

  /** Refuses settings of the server, for a command that needs none. */
  void requireNoSettings() throws Refused {
    if (!settings.isEmpty()) {
      throw new Refused(settings.getFirst() + " is no option of this command");
    }
  }

  Optional<String> value(String key) {
    return Optional.ofNullable(values.get(key));
  }
}
