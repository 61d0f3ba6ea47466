package dev.parlor.nats.command;

import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code ./parlor cluster}.
 *
 * @param monitors the URLs of the servers' monitoring ports
 * @param shards the number of shards of a new cluster
 * @param replicas the number of servers that store each message
 * @param options the options that were given
 * @param path the folder or file of an export or import
 */
record ClusterArguments(
    ClusterSettings settings,
    List<URI> monitors,
    int shards,
    int replicas,
    Set<String> options,
    Optional<Path> path) {

  /** An option is wrong; the message names it and says what to give. */
  static final class WrongOptionException extends Exception {
    private static final long serialVersionUID = 1L;

    WrongOptionException(String message) {
      super(message);
    }
  }

  private static final int SHARDS_MAX = 64;
  private static final int REPLICAS_MAX = 5;

  static ClusterArguments of(List<String> arguments, Map<String, String> environment)
      throws WrongOptionException {
    @Nullable String servers = environment.get("PARLOR_CLUSTER");
    @Nullable String credentials = environment.get("PARLOR_CLUSTER_CREDS");
    var names = ClusterNames.DEFAULT;
    List<URI> monitors = List.of();
    var shards = 4;
    var replicas = 3;
    var options = new HashSet<String>();
    Optional<Path> path = Optional.empty();
    for (var at = 0; at < arguments.size(); at += 2) {
      var option = arguments.get(at);
      if (!option.startsWith("--") && path.isEmpty()) {
        path = Optional.of(Path.of(option));
        at--;
        continue;
      }
      options.add(option);
      if (at + 1 == arguments.size()) {
        throw new WrongOptionException(option + " needs a value; --help lists the options");
      }
      var value = arguments.get(at + 1);
      switch (option) {
        case "--cluster" -> servers = value;
        case "--creds" -> credentials = value;
        case "--prefix" -> names = names(value);
        case "--monitor" -> monitors = urls(option, value, "http", "https");
        case "--shards" -> shards = number(option, value, SHARDS_MAX);
        case "--replicas" -> replicas = number(option, value, REPLICAS_MAX);
        default ->
            throw new WrongOptionException("unknown option " + option + "; --help lists them");
      }
    }
    if (servers == null) {
      throw new WrongOptionException(
          "give the servers, for example --cluster nats://a:4222,nats://b:4222, or set PARLOR_CLUSTER");
    }
    var urls = urls("--cluster", servers, "nats", "tls").stream().map(URI::toString).toList();
    return new ClusterArguments(
        new ClusterSettings(urls, file(credentials), names, ClusterLimits.DEFAULT),
        monitors,
        shards,
        replicas,
        Set.copyOf(options),
        path);
  }

  /** The path that an export or import needs. */
  Path requiredPath(String what) throws WrongOptionException {
    return path.orElseThrow(() -> new WrongOptionException("name " + what + "; --help explains"));
  }

  private static Optional<Path> file(@Nullable String name) throws WrongOptionException {
    if (name == null) {
      return Optional.empty();
    }
    var file = Path.of(name);
    if (!Files.isReadable(file)) {
      throw new WrongOptionException(
          "the file with credentials "
              + name
              + " cannot be read; correct --creds or PARLOR_CLUSTER_CREDS");
    }
    return Optional.of(file);
  }

  private static ClusterNames names(String prefix) throws WrongOptionException {
    try {
      return ClusterNames.ofPrefix(prefix);
    } catch (IllegalArgumentException e) {
      throw new WrongOptionException(
          "--prefix has 1 to 32 letters, digits, '_' or '-', not " + prefix);
    }
  }

  private static List<URI> urls(String option, String list, String... schemes)
      throws WrongOptionException {
    var urls = new ArrayList<URI>();
    for (var text : list.split(",", -1)) {
      try {
        var url = new URI(text.strip());
        if (url.getHost() != null
            && url.getUserInfo() == null
            && List.of(schemes).contains(String.valueOf(url.getScheme()))) {
          urls.add(url);
          continue;
        }
      } catch (URISyntaxException e) {
        // the same as a URL of another kind
      }
      throw new WrongOptionException(
          option
              + " has URLs like "
              + schemes[0]
              + "://host:port, separated by commas and without a password, not "
              + text.replaceAll("//[^@]*@", "//***@"));
    }
    return urls;
  }

  private static int number(String option, String value, int max) throws WrongOptionException {
    try {
      var number = Integer.parseInt(value);
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // the same as a number out of range
    }
    throw new WrongOptionException(option + " is a number from 1 to " + max + ", not " + value);
  }
}
