package dev.parlor.room.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.document.DocumentAdmin;
import dev.parlor.room.archive.Archive;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The services behind {@code /api/admin}.
 *
 * @param inMemory the documents in memory
 * @param documents the documents in the store
 * @param quarantined documents that the store found damaged
 * @param queuedBytes the number of bytes that wait for a commit
 * @param suspected documents that must not be passed to native code, with the reasons [AD8]
 * @param release permits passing a document to native code again; returns false if it was permitted
 * @param token the token that every request needs, if one is set
 * @param oldToken the token before a rotation; empty for none
 * @param publicUrl the public URL of the server; with a host other than this machine, the API needs
 *     a token
 * @param usage the users with apps
 * @param documentAccess the decisions of an app's backend about documents that are not rooms
 * @param archive the archive of rooms that have not been opened for a long time
 * @param backups makes backups; empty if the data is in a cluster
 */
public record Administration(
    DocumentAdmin inMemory,
    Supplier<Set<DocumentId>> documents,
    Supplier<Set<DocumentId>> quarantined,
    LongSupplier queuedBytes,
    Supplier<Map<DocumentId, String>> suspected,
    Predicate<DocumentId> release,
    Optional<Secret> token,
    Optional<OldToken> oldToken,
    Optional<URI> publicUrl,
    UsageByUser usage,
    DocumentAccess documentAccess,
    Archive archive,
    Optional<Backups> backups,
    InstantSource clock) {

  /** Makes backups of all data. Safe from any thread; blocks on the disk. */
  public interface Backups {
    /**
     * Takes the state of this moment.
     *
     * @return empty if another backup is running
     * @throws IOException with one sentence for the operator
     */
    Optional<Backup> begin() throws IOException;
  }

  /** A backup whose moment has been taken. One thread uses it; close it soon. */
  public interface Backup extends AutoCloseable {
    /** Writes the whole backup. */
    void writeTo(OutputStream out) throws IOException;

    @Override
    void close();
  }

  /**
   * The token before a rotation.
   *
   * @param until from this time on it no longer counts
   */
  public record OldToken(Secret token, Instant until) {}

  /** The decisions of an app's backend about documents. Safe from any thread. */
  @FunctionalInterface
  public interface DocumentAccess {
    /**
     * Asks the backend again about a subject, for new and for open connections.
     *
     * @param document the only document that this concerns; empty for all
     * @return whether a backend decides here
     */
    boolean askAgain(String subject, Optional<DocumentId> document);
  }

  /** What users store besides rooms. Safe from any thread; waits for the store. */
  @FunctionalInterface
  public interface UsageByUser {
    /**
     * Some users, in the order of their ids.
     *
     * @param after the users after this id; empty for the first
     */
    List<Usage> page(String after, int limit);
  }

  /** The apps of one user, and the bytes of their files. */
  public record Usage(String user, int handles, int apps, int releases, long bytes) {}
}
