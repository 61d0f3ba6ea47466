package dev.parlor.relay.backup;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.storage.OfflineStore;
import dev.parlor.relay.storage.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the files of a backup, or a data directory that no server has open: every checksum and the
 * change graph of every document. Changes nothing.
 *
 * @param records the readable records of tables
 * @param documents the documents, damaged ones included
 * @param files the files beside the stores
 * @param damage a sentence for each damaged part, with its name; empty if all is well
 */
public record BackupCheck(long records, long documents, long files, List<String> damage) {

  public BackupCheck {
    damage = List.copyOf(damage);
  }

  /** Checks a backup: the files one by one, then their joined contents. */
  public static BackupCheck of(BackupChain chain, BesideFiles beside) throws IOException {
    var damage = new ArrayList<String>();
    for (var file : chain.files()) {
      checkFile(file, damage);
    }
    var check = new DocumentCheck();
    var files = 0L;
    try (var joined = new JoinedBackup(chain)) {
      while (joined.next()) {
        var entry = joined.entry();
        var value = joined.value();
        if (value.isEmpty()) {
          // The check of the file has named this value.
          check.skipDamaged(entry.place());
        } else if (entry.type() == BackupEntry.Type.DAMAGED) {
          check.damaged(
              entry.place(), "it was damaged when the backup was made: " + value.get().toUtf8());
        } else {
          check.value(entry.place(), value.get());
          if (entry.place().kind() == Place.Kind.FILE) {
            files++;
            var problem = beside.problemOf(entry.place().name(), value.get());
            if (problem != null) {
              damage.add(entry.place().description() + ": " + problem);
            }
          }
        }
      }
    } catch (DamagedBackupException e) {
      if (damage.isEmpty()) {
        damage.add(String.valueOf(e.getMessage()));
      } // Otherwise the check of the file has named the place.
    }
    check.end();
    damage.addAll(check.damage());
    return new BackupCheck(check.records(), check.documents(), files, damage);
  }

  /** Checks every checksum of one file. */
  private static void checkFile(Path file, List<String> damage) throws IOException {
    try (var reader = BackupReader.open(file, true)) {
      var found = damage.size();
      reader.advance();
      for (var entry = reader.entry(); entry != null; entry = reader.entry()) {
        if (reader.value().isEmpty()) {
          damage.add(reader.name() + ": " + entry.place().description() + " fails its checksum");
        }
        reader.advance();
      }
      if (!reader.wholeIsIntact() && damage.size() == found) {
        damage.add(reader.name() + ": the checksum of the whole file is wrong");
      }
    } catch (DamagedBackupException e) {
      damage.add(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Checks the stores of a data directory. The caller checks the files beside them.
   *
   * @throws IOException with one sentence for the operator, if the directory cannot be checked
   */
  public static BackupCheck ofDataDirectory(Path path, Limits.Storage limits) throws IOException {
    var check = new DocumentCheck();
    var damage = new ArrayList<String>();
    try (var store = OfflineStore.open(path, limits)) {
      damage.addAll(store.damage());
      damage.addAll(store.readInto(check));
    }
    check.end();
    damage.addAll(check.damage());
    return new BackupCheck(check.records(), check.documents(), 0, damage);
  }

  /** The same result with the files that the caller checked. */
  public BackupCheck withFiles(long count, List<String> moreDamage) {
    var all = new ArrayList<>(damage);
    all.addAll(moreDamage);
    return new BackupCheck(records, documents, files + count, all);
  }
}
