package dev.parlor.nats.command;

import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.backup.BackupChain;
import dev.parlor.relay.backup.BackupHeader;
import dev.parlor.relay.backup.BackupWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Writes all data of a cluster as one backup file, which {@code parlor restore}, {@code parlor
 * verify} and {@link ClusterImport} read. Brief records and heartbeats are not part of it. The file
 * gets its name when it is complete and on the disk.
 */
final class ClusterExport {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'cluster-'yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private ClusterExport() {}

  /**
   * What was written.
   *
   * @param damaged documents that the cluster cannot read; the file names them
   */
  record Summary(Path file, long documents, long records, long damaged) {}

  /** Writes a backup of a cluster into a folder, which may be missing; blocks. */
  static Summary run(
      ClusterClient client,
      ClusterStreams.Created cluster,
      Path folder,
      RandomGenerator random,
      InstantSource clock)
      throws IOException {
    var begun = clock.instant();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, ownerOnly("rwx------"));
    }
    var file = folder.resolve(NAME.format(begun) + BackupChain.SUFFIX);
    if (Files.exists(file)) {
      throw new IOException(file + " exists already; try again");
    }
    var work = Files.createTempDirectory(folder, "unfinished-", ownerOnly("rwx------"));
    try (var view = new ClusterView(client, cluster, random, clock, work)) {
      var unfinished = work.resolve("backup");
      write(unfinished, view, header(cluster, begun, random));
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
      return new Summary(file, view.documents(), view.records(), view.damagedDocuments());
    } finally {
      delete(work);
    }
  }

  private static BackupHeader header(
      ClusterStreams.Created cluster, java.time.Instant begun, RandomGenerator random) {
    return new BackupHeader(
        new java.util.UUID(random.nextLong(), random.nextLong()).toString(),
        begun,
        "cluster",
        new dev.parlor.crdt.identity.StorageId(cluster.storageId()),
        cluster.shards(),
        0,
        Optional.empty());
  }

  private static void write(Path file, ClusterView view, BackupHeader header) throws IOException {
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = FileChannel.open(file, options, ownerOnly("rw-------"))) {
      var out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
      var writer = new BackupWriter(out, header);
      view.read(writer);
      var _ = writer.end();
      out.flush();
      channel.force(true);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The permissions of a new file or folder; none on a file system without POSIX permissions. */
  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
