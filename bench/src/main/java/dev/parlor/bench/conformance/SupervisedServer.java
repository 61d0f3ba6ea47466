package dev.parlor.bench.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process of the server under test, if its operator names it. A supervisor restarts it on the
 * same port and data after it ends.
 *
 * @param pidFile a file with the id of the process
 * @param secondServerScript a script that starts another server on the same data
 */
record SupervisedServer(Path pidFile, Path secondServerScript) {

  /** The process as it runs now. */
  ProcessHandle process() throws IOException {
    var number = Long.parseLong(Files.readString(pidFile).strip());
    return ProcessHandle.of(number)
        .orElseThrow(() -> new Finding("a server", "process " + number + " does not run"));
  }
}
