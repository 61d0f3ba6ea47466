package dev.parlor.relay.backup;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The files beside the stores of a data directory, which other packages write: archived rooms. */
public interface BesideFiles {

  /**
   * The fault of a file; null if it has none. A name that the owner of the files would not write is
   * wrong too, since {@link #write} uses it as a path.
   *
   * @param name the path below the data directory
   */
  @Nullable String problemOf(String name, Bytes contents);

  /** Writes a file into a new data directory; durable when it returns. */
  void write(Path dataDirectory, String name, Bytes contents) throws IOException;
}
