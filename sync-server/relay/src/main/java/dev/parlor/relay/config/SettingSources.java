package dev.parlor.relay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Collects the text of every setting from command-line flags, the environment, the configuration
 * file and the defaults; an earlier source in this list takes precedence. This class does not
 * interpret values.
 */
public final class SettingSources {

  /** A setting's text and its source, for example {@code PARLOR_PORT}. */
  public record Found(String text, String source) {}

  private static final String CONFIG_VARIABLE = "PARLOR_CONFIG";

  /** Environment variables that only the {@code parlor} script and the tests read. */
  private static final Set<String> SCRIPT_VARIABLES =
      Set.of("PARLOR_JAVA_HOME", "PARLOR_JAVA_OPTS", "PARLOR_CHROMIUM", "PARLOR_NGINX");

  private final Map<Setting, Found> found = new HashMap<>();
  private final List<Setting> settings;
  private final List<String> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * @param settings the settings of the program
   * @param flags the command line after the subcommand
   * @param workingDirectory base of relative paths
   */
  public SettingSources(
      List<Setting> settings,
      List<String> flags,
      Map<String, String> environment,
      Path workingDirectory) {
    this.settings = List.copyOf(settings);
    var file = readFlags(flags);
    readEnvironment(environment);
    var fromEnvironment = environment.getOrDefault(CONFIG_VARIABLE, "");
    if (file.isPresent()) {
      readFile(file.get(), "--config", workingDirectory);
    } else if (!fromEnvironment.isBlank()) {
      readFile(fromEnvironment.strip(), CONFIG_VARIABLE, workingDirectory);
    }
  }

  /** The text of a setting. The source of a default is {@code default}. */
  public Found of(Setting setting) {
    var value = found.get(setting);
    return value != null ? value : new Found(setting.fallback(), "default");
  }

  /** Errors: unknown flags, an unreadable file. */
  public List<String> problems() {
    return problems;
  }

  /** Warnings: environment variables that begin with {@code PARLOR_} and match no setting. */
  public List<String> notes() {
    return notes;
  }

  /** All settings of the program. */
  public List<Setting> settings() {
    return settings;
  }

  private Optional<Setting> withKey(String key) {
    return settings.stream().filter(setting -> setting.key().equals(key)).findFirst();
  }

  /** Reads the flags; returns the value of {@code --config}, if it is given. */
  private Optional<String> readFlags(List<String> flags) {
    var file = Optional.<String>empty();
    for (var i = 0; i < flags.size(); i++) {
      var flag = flags.get(i);
      if (!flag.startsWith("--")) {
        problems.add("\"" + flag + "\" is not a flag; settings are written --port 8787");
        continue;
      }
      var equals = flag.indexOf('=');
      var key = equals < 0 ? flag.substring(2) : flag.substring(2, equals);
      var setting = withKey(key);
      if (setting.isEmpty() && !key.equals("config")) {
        problems.add("--" + key + ": there is no such setting; parlor --help lists them");
        if (equals < 0 && i + 1 < flags.size() && !flags.get(i + 1).startsWith("--")) {
          i++; // skip its value
        }
        continue;
      }
      if (equals < 0 && (i + 1 == flags.size() || flags.get(i + 1).startsWith("--"))) {
        problems.add("--" + key + ": a value is missing");
        continue;
      }
      var text = equals < 0 ? flags.get(++i) : flag.substring(equals + 1);
      if (setting.isEmpty()) {
        file = Optional.of(text);
      } else if (setting.get().secret()) {
        problems.add(
            "--" + key + ": others can read command lines; use " + setting.get().variable());
      } else {
        found.put(setting.get(), new Found(text.strip(), "--" + key));
      }
    }
    return file;
  }

  private void readEnvironment(Map<String, String> environment) {
    var unknown = new TreeSet<String>();
    environment.keySet().stream().filter(name -> name.startsWith("PARLOR_")).forEach(unknown::add);
    unknown.remove(CONFIG_VARIABLE);
    unknown.removeAll(SCRIPT_VARIABLES);
    for (var setting : settings) {
      unknown.remove(setting.variable());
      readVariable(setting, setting.variable(), environment);
      setting.aliases().forEach(alias -> readVariable(setting, alias, environment));
    }
    unknown.forEach(name -> notes.add(name + " is set, but no setting has that name"));
  }

  private void readVariable(Setting setting, String name, Map<String, String> environment) {
    var text = environment.getOrDefault(name, "").strip();
    if (!text.isEmpty()) {
      found.putIfAbsent(setting, new Found(text, name));
    }
  }

  private void readFile(String name, String pathSource, Path workingDirectory) {
    var path = workingDirectory.resolve(name);
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(path)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      problems.add(pathSource + ": the file " + path + " cannot be read (" + reason(e) + ")");
      return;
    }
    for (var key : new TreeSet<>(properties.stringPropertyNames())) {
      var setting = withKey(key);
      if (setting.isEmpty()) {
        problems.add(key + " in " + path + ": there is no such setting");
      } else {
        found.putIfAbsent(
            setting.get(), new Found(properties.getProperty(key).strip(), path.toString()));
      }
    }
  }

  private static String reason(Exception e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException _ -> "there is no such file";
      case java.nio.file.AccessDeniedException _ -> "access denied";
      default -> String.valueOf(e.getMessage());
    };
  }
}
