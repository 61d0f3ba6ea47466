package dev.parlor.bench.conformance;

import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** The command behind {@code ./parlor conformance}. */
public final class Conformance {

  private static final String USAGE =
      """
      Usage: ./parlor conformance [NAME=]ws://HOST:PORT/PATH ... [OPTIONS]
             ./parlor conformance both|ours [--sockets=auto|helidon|loop] [--tls] [OPTIONS]

      Checks any automerge-repo WebSocket server against the rules of docs/protocol.md, within a minute for
      each server. PATH may contain a link's key (/sync/k/KEY): checks that need a new document are then
      reported as not offered. The checks make documents with random ids and do not remove them. Checks
      that may stop a server run last. For a server with TLS, write wss://.
      "ours" starts Parlor and checks it; "both" checks automerge-repo's own server as well.
        --report=FILE   also write the results to this file, as Markdown
        --only=RULES    run only the checks of these rules, for example --only=WS1,HS or --only=AD
        --gentle        leave out the checks that are expensive for the server or might stop it
        --strict        count a feature that is not offered as a failure
        --pid=FILE      for the server named before it: a file with its process id. The last checks kill and
                        stop that process; a supervisor must restart it and update the file
        --second=FILE   for the same server: a script that starts another server on the same data; needed
                        with --pid
        --ca=FILE       PEM file with the authorities that issue the certificates of wss:// servers
        --list          list the checks
        --help          print this text
      Exit code: 0 if no check failed, 1 if a check failed, 2 for wrong usage or if no server answers.
      """;

  private static final Pattern NAMED = Pattern.compile("(.*?)=(wss?://.*)");

  private final List<String> urls = new ArrayList<>();
  private final Map<String, Path> pidFiles = new HashMap<>();
  private final Map<String, Path> secondScripts = new HashMap<>();
  private List<String> only = List.of();
  private SSLContext trust = TlsTrust.ofJava();
  private String report = "";
  private boolean gentle;
  private boolean strict;
  private boolean list;
  private boolean help;

  private Conformance() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int code;
    try {
      code = new Conformance().run(arguments, out);
    } catch (IllegalArgumentException e) {
      System.err.println("conformance: " + e.getMessage());
      System.err.print(USAGE);
      code = 2;
    }
    System.exit(code);
  }

  private int run(String[] arguments, PrintStream out) throws IOException, InterruptedException {
    for (var argument : arguments) {
      read(argument);
    }
    if (help) {
      out.print(USAGE);
      return 0;
    }
    var checks = selectedChecks();
    if (list) {
      checks.forEach(check -> out.println("[" + check.rule() + "] " + check.title()));
      return 0;
    }
    if (urls.isEmpty()) {
      throw new IllegalArgumentException(
          "name a server, ws://host:port/path or wss://host:port/path");
    }
    var sections = new ArrayList<ConformanceReport.Section>();
    for (var url : urls) {
      sections.add(examine(url, checks, out));
    }
    if (!report.isEmpty()) {
      Files.writeString(
          Path.of(report),
          ConformanceReport.markdown(LocalDate.now(ZoneOffset.UTC).toString(), sections));
    }
    return sections.stream().anyMatch(this::hasFailures) ? 1 : 0;
  }

  private void read(String argument) {
    if (argument.startsWith("--report=")) {
      report = argument.substring("--report=".length());
    } else if (argument.startsWith("--only=")) {
      var rules = argument.substring("--only=".length()).toUpperCase(Locale.ROOT);
      only = List.of(rules.split(",", -1));
    } else if (argument.startsWith("--pid=") && !urls.isEmpty()) {
      pidFiles.put(urls.getLast(), Path.of(argument.substring("--pid=".length())));
    } else if (argument.startsWith("--second=") && !urls.isEmpty()) {
      secondScripts.put(urls.getLast(), Path.of(argument.substring("--second=".length())));
    } else if (argument.startsWith("--ca=")) {
      trust = TlsTrust.ofFile(Path.of(argument.substring("--ca=".length())));
    } else if (argument.equals("--gentle")) {
      gentle = true;
    } else if (argument.equals("--strict")) {
      strict = true;
    } else if (argument.equals("--list")) {
      list = true;
    } else if (argument.equals("--help") || argument.equals("-h")) {
      help = true;
    } else if (argument.startsWith("-")) {
      throw new IllegalArgumentException("there is no option '" + argument + "'");
    } else {
      urls.add(argument);
    }
  }

  private List<Check> selectedChecks() {
    var checks =
        all()
            .filter(check -> only.isEmpty() || only.stream().anyMatch(rule -> matches(rule, check)))
            .filter(check -> !gentle || check.pace().isGentle())
            .toList();
    if (checks.isEmpty()) {
      throw new IllegalArgumentException("no check has a rule of " + only);
    }
    return checks;
  }

  /**
   * Whether {@code rule} is the rule of the check, for example WS1, or its group, for example WS.
   */
  private static boolean matches(String rule, Check check) {
    return check.rule().equals(rule)
        || (rule.matches("[A-Z]+") && check.rule().matches(rule + "\\d+"));
  }

  /** All checks, in the order of the report. */
  static Stream<Check> all() {
    return Stream.of(
            UpgradeChecks.all(),
            FramingChecks.all(),
            CloseChecks.all(),
            MessageChecks.all(),
            LivenessChecks.all(),
            HandshakeChecks.all(),
            SyncChecks.all(),
            ConvergenceChecks.all(),
            DurabilityChecks.all(),
            EphemeralChecks.all(),
            AdmissionChecks.all(),
            RoomChecks.all(),
            RestartChecks.all())
        .flatMap(List::stream);
  }

  private ConformanceReport.Section examine(String argument, List<Check> checks, PrintStream out)
      throws InterruptedException {
    var named = NAMED.matcher(argument);
    var url = named.matches() ? named.group(2) : argument;
    var name = named.matches() ? named.group(1) : url;
    var target = Target.parse(url, trust);
    var random = new SplittableRandom();
    out.println(name);
    var supervised =
        Optional.ofNullable(pidFiles.get(argument))
            .flatMap(
                pidFile ->
                    Optional.ofNullable(secondScripts.get(argument))
                        .map(script -> new SupervisedServer(pidFile, script)));
    var serverInfo = serverInfo(target, supervised, random.split());
    var begin = System.nanoTime();
    var results = new CheckRunner(serverInfo, random, out::println).run(checks);
    var seconds = (System.nanoTime() - begin) / 1e9;
    var command =
        "./parlor conformance "
            + (supervised.isPresent() ? "both" : url)
            + (only.isEmpty() ? "" : " --only=" + String.join(",", only))
            + (gentle ? " --gentle" : "");
    var section = new ConformanceReport.Section(name, command, seconds, results);
    out.printf(
        Locale.ROOT,
        "%d checks, %d pass, %d FAIL, %d not offered, %.0f s%n",
        results.size(),
        ConformanceReport.count(section, CheckResult.Passed.class),
        ConformanceReport.count(section, CheckResult.Failed.class),
        ConformanceReport.count(section, CheckResult.NotOffered.class),
        seconds);
    return section;
  }

  /** Checks that a server answers, and finds out whether it accepts unknown documents. */
  private static Probe.ServerInfo serverInfo(
      Target target, Optional<SupervisedServer> supervised, SplittableRandom random) {
    var assumed = new Probe.ServerInfo(target, true, supervised);
    try (var probe = new Probe(assumed, random)) {
      var peer = probe.join();
      var doc = probe.newDoc(peer);
      doc.edit();
      var first = doc.receive();
      return new Probe.ServerInfo(
          target, !(first instanceof WireMessage.DocUnavailable), supervised);
    } catch (IOException | Finding e) {
      throw new IllegalArgumentException(
          "no automerge-repo server at "
              + target.authority()
              + target.path()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private boolean hasFailures(ConformanceReport.Section section) {
    return ConformanceReport.count(section, CheckResult.Failed.class) > 0
        || (strict && ConformanceReport.count(section, CheckResult.NotOffered.class) > 0);
  }
}
