package dev.parlor.relay.backup;

import java.io.IOException;

/** A backup file is damaged or incomplete. The message names the file and the place. */
public final class DamagedBackupException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedBackupException(String problem) {
    super(problem);
  }

  DamagedBackupException(String problem, Throwable cause) {
    super(problem, cause);
  }
}
