package dev.parlor.relay.config;

import dev.parlor.relay.config.ClusterConfig.Saved;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the settings of a cluster. Problems are collected in the reader. */
final class ClusterSettingsReader {

  private static final Set<String> SERVER_SCHEMES = Set.of("nats", "tls");
  private static final Set<String> MONITOR_SCHEMES = Set.of("http", "https");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_-]{1,32}");

  private ClusterSettingsReader() {}

  /** The cluster of the settings; empty without one. */
  static Optional<ClusterConfig> read(SettingsReader reader) {
    var servers = urls(reader, RelaySetting.CLUSTER, SERVER_SCHEMES, "nats://HOST:4222");
    var monitors =
        urls(reader, RelaySetting.CLUSTER_MONITOR, MONITOR_SCHEMES, "http://HOST:8222").stream()
            .map(URI::create)
            .toList();
    var saved = reader.choice(RelaySetting.SAVED, Saved.class, Saved.DISK);
    var prefix = reader.text(RelaySetting.CLUSTER_PREFIX);
    if (!prefix.isEmpty() && !PREFIX.matcher(prefix).matches()) {
      reader.problem(RelaySetting.CLUSTER_PREFIX, "must have 1 to 32 letters, digits, '_' or '-'");
    }
    if (servers.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new ClusterConfig(servers, credentials(reader), prefix, saved, monitors));
  }

  private static Optional<Path> credentials(SettingsReader reader) {
    if (reader.text(RelaySetting.CLUSTER_CREDS).isEmpty()) {
      return Optional.empty();
    }
    var file = reader.path(RelaySetting.CLUSTER_CREDS);
    if (!Files.isReadable(file)) {
      reader.problem(RelaySetting.CLUSTER_CREDS, "is not a file that this process may read");
    }
    return Optional.of(file);
  }

  private static List<String> urls(
      SettingsReader reader, RelaySetting setting, Set<String> schemes, String example) {
    var urls = new ArrayList<String>();
    for (var part : reader.text(setting).split(",", -1)) {
      var text = part.strip();
      if (text.isEmpty()) {
        continue;
      }
      if (!isUrl(text, schemes)) {
        reader.problem(
            setting,
            "must list URLs like "
                + example
                + ", separated by commas, without a password; that belongs into --cluster-creds");
        return List.of();
      }
      urls.add(text);
    }
    return urls;
  }

  private static boolean isUrl(String text, Set<String> schemes) {
    try {
      var url = new URI(text);
      return url.getScheme() != null
          && schemes.contains(url.getScheme())
          && url.getHost() != null
          && url.getUserInfo() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
