package dev.parlor.relay.document;

/** The outcome of a compaction that was requested. */
public sealed interface CompactionOutcome {

  /**
   * The snapshot is on disk, and the log that it replaces is deleted.
   *
   * @param changes number of changes that the snapshot contains and the previous one did not
   */
  record Done(int changes, long snapshotBytes) implements CompactionOutcome {}

  /** No compaction was started. */
  record Refused(String code, String reason) implements CompactionOutcome {}

  /** The compaction failed and the document's log is unchanged; the server logs the reason. */
  record Failed() implements CompactionOutcome {}
}
