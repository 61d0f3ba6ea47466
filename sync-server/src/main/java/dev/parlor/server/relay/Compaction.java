package dev.parlor.server.relay;

/** What became of a compaction that somebody asked for. */
public sealed interface Compaction {

  /**
   * The snapshot is on disk and the log behind it gone.
   *
   * @param changes that went into it anew
   */
  record Done(int changes, long snapshotBytes) implements Compaction {}

  /**
   * Nothing was done.
   *
   * @param code {@code running}, {@code uncommitted}, {@code nothing-new}, {@code too-large},
   *     {@code shared} or {@code quarantined}
   */
  record Refused(String code, String reason) implements Compaction {}

  /** It was tried and the log stays; the server's log says why. */
  record Failed() implements Compaction {}
}
