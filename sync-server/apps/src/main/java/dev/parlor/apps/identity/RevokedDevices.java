package dev.parlor.apps.identity;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device certificates that the operator revoked: a file with one certificate a line, by its
 * serial number or by the thumbprint of the device's key (RFC 7638, SHA-256). Text after {@code #}
 * is a comment. A changed file counts from the next request on. If the file becomes unreadable, no
 * device is accepted until it is readable again. Safe from any thread; blocks to read the file.
 */
public final class RevokedDevices {
  private static final Logger LOG = LoggerFactory.getLogger(RevokedDevices.class);
  private static final Pattern ENTRY = Pattern.compile("[A-Za-z0-9_:.-]{8,128}");

  private final Optional<Path> file;
  private Optional<Loaded> loaded = Optional.empty();

  /** What the file contained when it had this time and size. */
  private record Loaded(FileTime changed, long bytes, Set<String> entries) {}

  private RevokedDevices(Optional<Path> file) {
    this.file = file;
  }

  /** Revokes nothing. */
  public static RevokedDevices none() {
    return new RevokedDevices(Optional.empty());
  }

  /**
   * Revokes the certificates of a file.
   *
   * @throws IOException with one sentence for the operator, if the file is bad now
   */
  public static RevokedDevices of(Path file) throws IOException {
    var revoked = new RevokedDevices(Optional.of(file));
    revoked.entries(file);
    return revoked;
  }

  /**
   * Whether a certificate is revoked.
   *
   * @throws AppsException {@code unavailable}, if the file cannot be read
   */
  boolean contains(Optional<String> serial, String thumbprint) {
    if (file.isEmpty()) {
      return false;
    }
    try {
      var entries = entries(file.get());
      return entries.contains(thumbprint) || serial.filter(entries::contains).isPresent();
    } catch (IOException e) {
      LOG.warn("no device is accepted: {}", e.getMessage());
      throw AppsException.of(
          ErrorCode.UNAVAILABLE,
          "the server cannot read its list of revoked devices; its operator must repair it");
    }
  }

  private synchronized Set<String> entries(Path path) throws IOException {
    try {
      var changed = Files.getLastModifiedTime(path);
      var bytes = Files.size(path);
      if (loaded
          .filter(last -> last.changed().equals(changed) && last.bytes() == bytes)
          .isEmpty()) {
        // The time is read before the content, so a write in between is read again.
        loaded = Optional.of(new Loaded(changed, bytes, read(path)));
      }
      return loaded.orElseThrow().entries();
    } catch (IOException e) {
      loaded = Optional.empty();
      throw e instanceof BadLine
          ? e
          : new IOException("the list of revoked devices " + path + " cannot be read", e);
    }
  }

  private static Set<String> read(Path path) throws IOException {
    var entries = new HashSet<String>();
    var number = 0;
    for (var line : Files.readAllLines(path)) {
      number++;
      var entry = line.replaceFirst("#.*", "").strip();
      if (entry.isEmpty()) {
        continue;
      }
      if (!ENTRY.matcher(entry).matches()) {
        throw new BadLine(
            path
                + " line "
                + number
                + " is neither a serial number nor the thumbprint of a key; nothing else may stand"
                + " in the list of revoked devices");
      }
      entries.add(entry);
    }
    return Set.copyOf(entries);
  }

  /** A line that is no entry; the list then counts as unreadable. */
  private static final class BadLine extends IOException {
    private static final long serialVersionUID = 1L;

    private BadLine(String sentence) {
      super(sentence);
    }
  }
}
