package dev.parlor.relay.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Parses the text of settings by their kind and collects all problems, so that one error names
 * every invalid setting. Used once by one thread.
 */
public final class SettingsReader {

  private final SettingSources sources;
  private final Path workingDirectory;
  private final InstantSource clock;
  private final List<String> problems;
  private final List<String> notes;

  /**
   * @param workingDirectory base of relative paths
   * @param clock the time that a certificate's dates are compared with
   */
  public SettingsReader(SettingSources sources, Path workingDirectory, InstantSource clock) {
    this.sources = sources;
    this.workingDirectory = workingDirectory;
    this.clock = clock;
    this.problems = new ArrayList<>(sources.problems());
    this.notes = new ArrayList<>(sources.notes());
  }

  /** The text of a setting, trimmed; its default if it is not set. */
  public String text(Setting setting) {
    return sources.of(setting).text();
  }

  /** Whether the operator set this setting. */
  boolean isSet(Setting setting) {
    return !sources.of(setting).source().equals("default");
  }

  /** The time that dates in settings are compared with. */
  public InstantSource clock() {
    return clock;
  }

  /** The warnings so far. The caller may add warnings to this list. */
  public List<String> notes() {
    return notes;
  }

  /** Adds a problem as a whole sentence. */
  public void problem(String sentence) {
    problems.add(sentence);
  }

  /**
   * Fails if any setting was invalid.
   *
   * @throws ConfigException with all problems
   */
  public void check() throws ConfigException {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  /**
   * The settings in force, in the order of the program's settings; secrets are masked.
   *
   * @param relay the configuration that was read
   * @param shownInstead the values to show instead of the text, for settings whose default depends
   *     on other settings
   */
  public List<EffectiveSetting> effectiveSettings(
      RelayConfig relay, Map<? extends Setting, String> shownInstead) {
    var lines = new ArrayList<EffectiveSetting>();
    for (var setting : sources.settings()) {
      var found = sources.of(setting);
      var shown = found.text().isEmpty() ? "-" : found.text();
      if (setting == RelaySetting.SYNC_ACCESS) {
        shown = relay.sync().access().name().toLowerCase(Locale.ROOT);
      } else if (setting == RelaySetting.SOCKETS) {
        shown = relay.sockets().name().toLowerCase(Locale.ROOT);
      } else if (shownInstead.containsKey(setting)) {
        shown = shownInstead.get(setting);
      }
      lines.add(
          new EffectiveSetting(
              setting,
              setting.secret() && !found.text().isEmpty() ? new Secret(shown).toString() : shown,
              found.source()));
    }
    return lines;
  }

  /** The number of a setting; adds a problem if it is not a number in this range. */
  public int number(Setting setting, int least, int most) {
    var number = number(sources.of(setting).text(), least, most);
    if (number.isEmpty()) {
      problem(setting, "must be a whole number from " + least + " to " + most);
    }
    return number.orElse(least);
  }

  static OptionalInt number(String text, int least, int most) {
    try {
      var number = Integer.parseInt(text);
      return number >= least && number <= most ? OptionalInt.of(number) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  /** The absolute path of a setting; adds a problem if it is not a path. */
  public Path path(Setting setting) {
    var text = sources.of(setting).text();
    try {
      if (!text.isEmpty()) {
        return workingDirectory.resolve(text).toAbsolutePath().normalize();
      }
    } catch (InvalidPathException e) {
      // The check below reports it.
    }
    problem(setting, "is not a path");
    return workingDirectory;
  }

  /** The URL of a setting, empty if it is not set; adds a problem if it is not an HTTP URL. */
  public Optional<URI> url(Setting setting) {
    var text = sources.of(setting).text();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var url = httpUrl(text);
    if (url.isEmpty()) {
      problem(setting, "must be a URL that starts with http:// or https://");
    }
    return url;
  }

  /** Parses an absolute HTTP URL without user, query and fragment; drops trailing slashes. */
  static Optional<URI> httpUrl(String text) {
    try {
      var uri = new URI(text.replaceFirst("/+$", ""));
      var scheme = uri.getScheme();
      var isHttpUrl =
          scheme != null
              && (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))
              && uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getQuery() == null
              && uri.getFragment() == null;
      return isHttpUrl ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** The text of a setting if it is not empty. */
  public Optional<String> notEmpty(Setting setting) {
    return Optional.of(sources.of(setting).text()).filter(text -> !text.isEmpty());
  }

  /**
   * True for loopback addresses and {@code localhost}. Other names are not resolved, since the
   * answer decides whether sync is open.
   */
  public static boolean isLoopback(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    if (!host.matches("[0-9.]+|\\[?[0-9a-fA-F:]+]?")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The constant that a setting names; adds a problem if there is no such constant. */
  <E extends Enum<E>> E choice(Setting setting, Class<E> type, E fallback) {
    var text = sources.of(setting).text().toUpperCase(Locale.ROOT);
    var names = new ArrayList<String>();
    for (var constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    problem(setting, "must be one of " + String.join(", ", names));
    return fallback;
  }

  /**
   * Adds the problem with one setting: its name and source, its text unless it is secret, and the
   * rule.
   */
  public void problem(Setting setting, String rule) {
    var found = sources.of(setting);
    var shown = setting.secret() ? "" : " \"" + found.text() + "\"";
    var source = found.source();
    var where =
        source.startsWith("--")
                || source.equals(setting.variable())
                || setting.aliases().contains(source)
            ? source
            : setting.key() + " (" + source + ")";
    problems.add(where + shown + " " + rule);
  }
}
