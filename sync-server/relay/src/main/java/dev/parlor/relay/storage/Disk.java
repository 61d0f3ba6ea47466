package dev.parlor.relay.storage;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens the store's files. Every write of the store goes through the files that it returns. A test
 * can therefore fail a write, or stop between any two writes.
 */
class Disk {

  BlockFile blocks(Path path) throws IOException {
    return new BlockFile(path);
  }

  LogFile log(Path path) throws IOException {
    return new LogFile(path);
  }

  /** A file for many small durable writes. */
  LogFile changeLog(Path path) throws IOException {
    return new DirectLogFile(path);
  }
}
