package dev.parlor.server.backup;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes new files that only their owner can read; they are never readable by others. */
final class NewFile {

  private static final int BUFFER_BYTES = 1 << 16;

  private NewFile() {}

  /** Writes the contents of a file. */
  interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a new file and waits until it is on the disk. */
  static void write(Path file, Contents contents) throws IOException {
    try (var channel = FileChannel.open(file, Set.of(CREATE_NEW, WRITE), ownerOnly("rw-------"))) {
      var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
      contents.writeTo(out);
      out.flush();
      channel.force(true);
    }
  }

  /** The permissions of a new file or folder; none on a file system without POSIX permissions. */
  static FileAttribute<?>[] ownerOnly(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
