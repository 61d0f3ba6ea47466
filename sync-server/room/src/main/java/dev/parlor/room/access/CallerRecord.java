package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A caller of a room as a record that all nodes of a cluster can read.
 *
 * @param idPrefixes the prefixes of event ids that were sent to the caller
 */
public record CallerRecord(
    @Nullable String identity,
    String role,
    @Nullable String scope,
    @Nullable String link,
    Set<String> namedRoles,
    List<String> idPrefixes) {
  private static final JsonRecords<CallerRecord> JSON =
      new JsonRecords<>("brief", CallerRecord.class);

  public CallerRecord {
    namedRoles = Set.copyOf(namedRoles);
    idPrefixes = List.copyOf(idPrefixes);
  }

  /** Creates the record of a caller. */
  public static CallerRecord of(Caller caller, List<String> idPrefixes) {
    return new CallerRecord(
        caller.identity().orElse(null),
        caller.role().name(),
        caller.scope().map(DocumentId::value).orElse(null),
        caller.link().orElse(null),
        caller.namedRoles(),
        idPrefixes);
  }

  /** The caller. */
  public Caller caller() {
    return new Caller(
        Optional.ofNullable(identity),
        Role.valueOf(role),
        Optional.ofNullable(scope).map(id -> DocumentId.parse(id).orElseThrow()),
        Optional.ofNullable(link),
        namedRoles);
  }

  /** The stored form. */
  public Bytes toBytes() {
    return JSON.write(this);
  }

  /** Reads the stored form. */
  public static CallerRecord of(Bytes stored) {
    return JSON.read(stored);
  }
}
