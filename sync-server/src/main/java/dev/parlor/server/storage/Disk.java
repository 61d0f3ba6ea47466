package dev.parlor.server.storage;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens the store's files. Every write of the store goes through what it gives, so a test that puts
 * its own in place can refuse one, or stop the world between any two.
 */
class Disk {

  BlockFile blocks(Path path) throws IOException {
    return new BlockFile(path);
  }

  LogFile log(Path path) throws IOException {
    return new LogFile(path);
  }

  /** For many small durable writes. */
  LogFile changeLog(Path path) throws IOException {
    return new DirectLogFile(path);
  }
}
