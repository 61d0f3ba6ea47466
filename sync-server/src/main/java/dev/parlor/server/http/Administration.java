package dev.parlor.server.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.archive.Archive;
import dev.parlor.server.config.Secret;
import dev.parlor.server.relay.DocumentAdmin;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What {@code /api/admin} shows and does.
 *
 * @param documents kept in the store
 * @param quarantined documents that the store found damaged
 * @param queuedBytes that wait for a commit
 * @param shut documents kept away from native code, and why [AD8]
 * @param release ends that; false for one that is not kept away
 * @param token without which nothing is answered, if one is set
 * @param publicUrl under which the server is reached; one that is not this machine's makes the
 *     token necessary
 * @param archive of rooms that nobody has opened for long
 */
public record Administration(
    DocumentAdmin rooms,
    Supplier<Set<DocumentId>> documents,
    Supplier<Set<DocumentId>> quarantined,
    LongSupplier queuedBytes,
    Supplier<Map<DocumentId, String>> shut,
    Predicate<DocumentId> release,
    Optional<Secret> token,
    Optional<URI> publicUrl,
    Archive archive,
    InstantSource clock) {}
