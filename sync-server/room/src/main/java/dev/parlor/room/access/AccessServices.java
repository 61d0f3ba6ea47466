package dev.parlor.room.access;

import dev.parlor.relay.address.Origins;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.ServiceLimits;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * The services of access control. Each service that stores records has its own tables in the store.
 *
 * @param jwtIdentities empty if no issuer of tokens is configured
 * @param origins the hosts that the server accepts, and the origins that may open sockets
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
    Origins origins) {

  /**
   * Opens the services. Reads the secret for the keys of links; the first start creates the secret
   * and blocks until it is on disk.
   *
   * @param tables opens a table of the store by its name
   */
  public static AccessServices open(
      Function<String, RecordTable> tables,
      ServiceLimits.Access limits,
      RandomIds ids,
      Optional<JwtIdentities> jwtIdentities,
      Origins origins,
      InstantSource clock) {
    var nonces = new Nonces(limits.proofs(), ids, clock);
    var registry = new RoomRegistry(tables.apply("rooms"), tables.apply("documents"));
    var linkKeys = LinkKeys.open(tables.apply("secrets"), ids);
    var invitations =
        new Invitations(tables.apply("invitations"), limits.invitations(), ids, clock);
    var links = new RoomLinks(linkKeys, tables.apply("links"), invitations, clock);
    var members = new Members(tables.apply("members"));
    var owners = new Owners(tables.apply("owners"), ids, clock);
    return new AccessServices(
        ids,
        new Identities(tables.apply("identities"), ids, clock),
        nonces,
        new Sessions(limits.proofs(), nonces, ids, clock),
        jwtIdentities,
        registry,
        new SharedRooms(tables.apply("shared-rooms"), registry),
        links,
        invitations,
        members,
        owners,
        new RoomAuthorizer(registry, links, invitations, members, owners),
        new Tickets(limits, ids, clock),
        origins);
  }
}
