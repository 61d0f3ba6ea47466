package dev.parlor.client.peer;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A command line of {@code parlor peer}.
 *
 * @param timeout how long each step may wait for the server
 */
record PeerCommand(URI server, DocumentId document, Action action, Duration timeout) {

  /** What to do with the document. */
  sealed interface Action {

    /** Prints the value at the path. */
    record Show(Path path) implements Action {}

    /** Prints the value at the path now and after each change, until the end of the process. */
    record Watch(Path path) implements Action {}

    /** Puts the value at the path, and waits until the server has saved it. */
    record Set(Path path, Value value) implements Action {}

    /** Writes the document with its history to a file. */
    record Export(java.nio.file.Path file) implements Action {}
  }

  static final String USAGE =
      """
      usage: parlor peer URL show   DOCUMENT [PATH]    print the document, or the value at PATH, as JSON
             parlor peer URL watch  DOCUMENT [PATH]    print it again after each change, until Ctrl-C
             parlor peer URL set    DOCUMENT PATH VALUE
                                                       put VALUE at PATH and wait until the server has saved it
             parlor peer URL export DOCUMENT FILE      write the document with its history to an .automerge file

        URL        ws:// or wss:// address of an automerge-repo server, in quotation marks if it has a token
        DOCUMENT   the document's id or its automerge: URL
        PATH       keys and list positions with slashes between: cards/0/title
        VALUE      a number, true, false, null, or else a text; "12" in quotation marks is a text
        --timeout SECONDS   how long to wait for the server (30)

      exit status: 0 done, 2 wrong arguments, 3 the document or the path does not exist, 4 the server did not answer
      in time, 5 the server refused the change, 6 the edit does not fit the document or the file cannot be written""";

  private static final int TIMEOUT_SECONDS = 30;
  private static final int TIMEOUT_SECONDS_MAX = 86_400;
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,15})");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  static PeerCommand parse(List<String> arguments) throws UsageException {
    var rest = new ArrayList<>(arguments);
    var timeout = Duration.ofSeconds(TIMEOUT_SECONDS);
    var flag = rest.indexOf("--timeout");
    if (flag >= 0) {
      if (flag + 1 == rest.size()) {
        throw new UsageException("--timeout needs a number of seconds after it");
      }
      timeout = seconds(rest.get(flag + 1));
      rest.subList(flag, flag + 2).clear();
    }
    if (rest.size() < 3) {
      throw new UsageException("give URL, an action and DOCUMENT; `parlor peer --help` shows all");
    }
    var server = server(rest.get(0));
    var document = document(rest.get(2));
    return new PeerCommand(
        server, document, action(rest.get(1), rest.subList(3, rest.size())), timeout);
  }

  private static Action action(String name, List<String> rest) throws UsageException {
    return switch (name) {
      case "show" -> {
        expect(name, rest, 0, 1, "at most one PATH");
        yield new Action.Show(rest.isEmpty() ? Path.ROOT : path(rest.getFirst()));
      }
      case "watch" -> {
        expect(name, rest, 0, 1, "at most one PATH");
        yield new Action.Watch(rest.isEmpty() ? Path.ROOT : path(rest.getFirst()));
      }
      case "set" -> {
        expect(name, rest, 2, 2, "PATH and VALUE");
        var path = path(rest.get(0));
        if (path.isRoot()) {
          throw new UsageException("PATH must not be empty: the root cannot be replaced");
        }
        yield new Action.Set(path, value(rest.get(1)));
      }
      case "export" -> {
        expect(name, rest, 1, 1, "FILE");
        yield new Action.Export(java.nio.file.Path.of(rest.getFirst()));
      }
      default ->
          throw new UsageException(
              "there is no action \"" + name + "\"; use show, watch, set or export");
    };
  }

  private static void expect(String name, List<String> rest, int min, int max, String needed)
      throws UsageException {
    if (rest.size() < min || rest.size() > max) {
      throw new UsageException(
          name + " takes " + needed + " after DOCUMENT, not " + rest.size() + " arguments");
    }
  }

  private static URI server(String text) throws UsageException {
    try {
      var url = new URI(text);
      if (("ws".equals(url.getScheme()) || "wss".equals(url.getScheme()))
          && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException _) {
      // refused below
    }
    throw new UsageException("URL must begin with ws:// or wss:// and name a host");
  }

  private static DocumentId document(String text) throws UsageException {
    return switch (DocumentId.parse(text)) {
      case Decoding.Decoded<DocumentId>(var id) -> id;
      case Decoding.Malformed<DocumentId>(_, var reason) ->
          throw new UsageException("DOCUMENT \"" + text + "\" is no document id: " + reason);
    };
  }

  private static Duration seconds(String text) throws UsageException {
    try {
      var seconds = Integer.parseInt(text);
      if (seconds > 0 && seconds <= TIMEOUT_SECONDS_MAX) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException _) {
      // refused below
    }
    throw new UsageException(
        "--timeout \"" + text + "\" must be a whole number from 1 to " + TIMEOUT_SECONDS_MAX);
  }

  private static Path path(String text) throws UsageException {
    if (text.isEmpty()) {
      return Path.ROOT;
    }
    var steps = new ArrayList<Object>();
    for (var step : text.split("/", -1)) {
      if (step.isEmpty()) {
        throw new UsageException("PATH \"" + text + "\" has an empty step");
      }
      steps.add(step);
    }
    return new Path(steps);
  }

  private static Value value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Value.of(Boolean.parseBoolean(text));
    }
    if (text.equals("null")) {
      return Value.NULL;
    }
    if (INTEGER.matcher(text).matches() && Math.abs(Long.parseLong(text)) <= 1L << 53) {
      return Value.of(Long.parseLong(text));
    }
    if (NUMBER.matcher(text).matches()) {
      return Value.of(Double.parseDouble(text));
    }
    var isQuoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    return Value.text(isQuoted ? text.substring(1, text.length() - 1) : text);
  }
}
