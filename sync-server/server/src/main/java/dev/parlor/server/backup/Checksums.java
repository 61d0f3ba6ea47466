package dev.parlor.server.backup;

import dev.parlor.relay.backup.BackupChain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The file {@code SHA256SUMS} of a folder of backups: one line with the SHA-256 of each whole file,
 * which {@code sha256sum -c SHA256SUMS} checks too. Used by one thread.
 */
final class Checksums {

  static final String FILE = "SHA256SUMS";

  private Checksums() {}

  /** Adds or replaces the line of a file. */
  static void add(Path backup) throws IOException {
    var folder = backup.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    var sums = read(folder);
    sums.put(backup.getFileName().toString(), sha256(backup));
    var text = new StringBuilder();
    sums.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
    var unfinished = folder.resolve(FILE + ".new");
    Files.deleteIfExists(unfinished);
    NewFile.write(unfinished, out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
    Files.move(unfinished, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The SHA-256 by name of file, as the file says. */
  private static SortedMap<String, String> read(Path folder) throws IOException {
    var sums = new TreeMap<String, String>();
    var file = folder.resolve(FILE);
    if (Files.exists(file)) {
      for (var line : Files.readAllLines(file)) {
        var gap = line.indexOf("  ");
        if (gap > 0) {
          sums.put(line.substring(gap + 2), line.substring(0, gap));
        }
      }
    }
    return sums;
  }

  /** A sentence for each file of the folder that differs from its line, or has none. */
  static List<String> problemsIn(Path folder) throws IOException {
    var problems = new ArrayList<String>();
    var sums = read(folder);
    for (var file : BackupChain.filesIn(folder)) {
      var name = file.getFileName().toString();
      var sum = sums.remove(name);
      if (sum != null && !sum.equals(sha256(file))) {
        problems.add(name + " differs from its checksum in " + FILE);
      }
    }
    sums.keySet().forEach(name -> problems.add(name + " is in " + FILE + " and does not exist"));
    return problems;
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      var digest = MessageDigest.getInstance("SHA-256");
      var buffer = new byte[1 << 16];
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
