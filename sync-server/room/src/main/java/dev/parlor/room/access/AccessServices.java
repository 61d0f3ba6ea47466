package dev.parlor.room.access;

import dev.parlor.relay.address.Origins;
import dev.parlor.relay.cluster.BriefRecords;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.limits.ServiceLimits;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The services of access control. Each service that stores records has its own tables in the store.
 *
 * @param jwtIdentities empty if no issuer of tokens is configured
 * @param origins the hosts that the server accepts, and the origins that may open sockets
 * @param brief the records that the nodes of a cluster share; empty on one machine
 */
public record AccessServices(
    RandomIds ids,
    Identities identities,
    Nonces nonces,
    Sessions sessions,
    Optional<JwtIdentities> jwtIdentities,
    RoomRegistry registry,
    SharedRooms sharedRooms,
    RoomLinks links,
    Invitations invitations,
    Members members,
    Owners owners,
    RoomAuthorizer authorizer,
    Tickets tickets,
    Origins origins,
    Optional<BriefRecords> brief) {

  /**
   * Opens the services. Reads the secret for the keys of links; the first start creates the secret
   * and blocks until it is on disk.
   *
   * @param tables opens a table of the store by its name
   * @param brief the records that the nodes of a cluster share; empty on one machine
   */
  public static AccessServices open(
      Function<String, RecordTable> tables,
      Optional<BriefRecords> brief,
      ServiceLimits.Access limits,
      RandomIds ids,
      Optional<JwtIdentities> jwtIdentities,
      Origins origins,
      InstantSource clock,
      LongSupplier nanoTime) {
    var secrets = tables.apply("secrets");
    var fresh = brief.isPresent() ? FreshRecords.ofCluster(nanoTime) : FreshRecords.ofOneNode();
    var nonces =
        brief.isPresent()
            ? new Nonces(
                limits.proofs(),
                ids,
                clock,
                SharedSecrets.open(secrets, "nonces", ids),
                brief.get())
            : new Nonces(limits.proofs(), ids, clock);
    var sessions =
        brief.isPresent()
            ? new Sessions(
                limits.proofs(), nonces, SharedSecrets.open(secrets, "sessions", ids), clock)
            : new Sessions(limits.proofs(), nonces, ids, clock);
    var registry = new RoomRegistry(tables.apply("rooms"), tables.apply("documents"), fresh);
    var linkKeys = LinkKeys.open(secrets, ids);
    var invitations =
        new Invitations(tables.apply("invitations"), limits.invitations(), ids, clock);
    var links = new RoomLinks(linkKeys, tables.apply("links"), invitations, clock);
    var members = new Members(tables.apply("members"));
    var owners = new Owners(tables.apply("owners"), ids, clock);
    return new AccessServices(
        ids,
        new Identities(tables.apply("identities"), ids, clock, fresh),
        nonces,
        sessions,
        jwtIdentities,
        registry,
        new SharedRooms(tables.apply("shared-rooms"), registry),
        links,
        invitations,
        members,
        owners,
        new RoomAuthorizer(registry, links, invitations, members, owners, fresh),
        new Tickets(limits, ids, clock, brief.orElse(null)),
        origins,
        brief);
  }

  /** Whether a check of access failed only because the store does not answer. */
  public static boolean cannotAnswer(RuntimeException failure) {
    return failure instanceof StoreUnavailableException;
  }
}
