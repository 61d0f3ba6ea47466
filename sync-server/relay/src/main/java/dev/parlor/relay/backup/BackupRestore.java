package dev.parlor.relay.backup;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.storage.NewStore;
import dev.parlor.relay.storage.Place;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a data directory from a backup. The new files are written into a folder inside the
 * directory, checked, and moved into their places at the end, {@code parlor.db} last. An
 * interrupted restore therefore leaves no directory that looks complete. Used by one thread.
 */
public final class BackupRestore {

  /** The folder in the data directory for files that are not complete. */
  static final String UNFINISHED = "restoring";

  private static final String DATABASE = "parlor.db";

  private final BackupChain chain;
  private final Limits.Storage limits;
  private final BesideFiles beside;

  public BackupRestore(BackupChain chain, Limits.Storage limits, BesideFiles beside) {
    this.chain = chain;
    this.limits = limits;
    this.beside = beside;
  }

  /**
   * Restores the backup.
   *
   * @param directory the data directory; empty or missing
   * @param withoutDamaged whether to restore a damaged backup without its damaged values
   * @return the check of the backup; its damage was left out
   * @throws IOException with one sentence for the operator; then the directory has no new files, or
   *     only the folder of unfinished files
   */
  public BackupCheck into(Path directory, boolean withoutDamaged) throws IOException {
    requireEmpty(directory);
    var check = BackupCheck.of(chain, beside);
    if (!check.damage().isEmpty() && !withoutDamaged) {
      throw new DamagedBackupException(
          "the backup is damaged, nothing was restored: "
              + check.damage().getFirst()
              + (check.damage().size() > 1 ? " (and " + (check.damage().size() - 1) + " more)" : "")
              + "; parlor verify lists the damage, and --without-damaged restores all other data");
    }
    var unfinished = directory.resolve(UNFINISHED);
    Files.createDirectories(unfinished);
    write(unfinished);
    var written = BackupCheck.ofDataDirectory(unfinished, limits);
    if (!withoutDamaged && !written.damage().isEmpty()) {
      throw new IOException(
          "the restored files are damaged, perhaps the disk is: " + written.damage().getFirst());
    }
    moveIntoPlace(unfinished, directory);
    return check;
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    if (Files.exists(directory.resolve(UNFINISHED))) {
      throw new IOException(
          "an earlier restore into "
              + directory
              + " was interrupted; remove everything in that directory first");
    }
    try (var files = Files.list(directory)) {
      var first = files.findFirst();
      if (first.isPresent()) {
        throw new IOException(
            directory
                + " is not empty: it has "
                + first.get().getFileName()
                + "; name a new directory, and nothing is overwritten");
      }
    }
  }

  private void write(Path unfinished) throws IOException {
    var header = BackupChain.header(chain.newest());
    try (var joined = new JoinedBackup(chain);
        var store = NewStore.create(unfinished, header.shards(), header.storageId(), limits)) {
      while (joined.next()) {
        var entry = joined.entry();
        var value = joined.value();
        if (value.isEmpty() || entry.type() != BackupEntry.Type.VALUE) {
          continue; // damaged, and named by the check
        }
        if (entry.place().kind() != Place.Kind.FILE) {
          store.put(entry.place(), value.get());
        } else if (beside.problemOf(entry.place().name(), value.get()) == null) {
          beside.write(unfinished, entry.place().name(), value.get());
        }
      }
      store.commit();
    } catch (DamagedBackupException e) {
      // The rest of a file cannot be read. The check has named that, and the operator wants the
      // values before it.
    }
  }

  private static void moveIntoPlace(Path unfinished, Path directory) throws IOException {
    List<Path> names;
    try (var files = Files.list(unfinished)) {
      names = new ArrayList<>(files.toList());
    }
    var database = unfinished.resolve(DATABASE);
    names.remove(database);
    names.add(database);
    for (var file : names) {
      Files.move(
          file, directory.resolve(file.getFileName().toString()), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.delete(unfinished);
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
