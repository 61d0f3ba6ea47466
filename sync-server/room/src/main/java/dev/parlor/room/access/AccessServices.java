package dev.parlor.room.access;

import dev.parlor.relay.address.Origins;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.ServiceLimits;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * The services of access control. Each service has its own tables in the store.
 *
 * @param jwts verifies the tokens of an issuer; empty if no issuer is configured
 */
public record AccessServices(
    RandomIds ids,
    Identities identities,
    Nonces nonces,
    Sessions sessions,
    Optional<Jwts> jwts,
    RoomRegistry registry,
    RoomLinks links,
    Invitations invitations,
    Members members,
    Owners owners,
    RoomAuthorizer authorizer,
    Tickets tickets,
    Origins origins) {

  /**
   * Opens the services; reads the tables of rooms, links and invitations.
   *
   * @param tables opens a table of the store by its name
   */
  public static AccessServices open(
      Function<String, RecordTable> tables,
      ServiceLimits.Access limits,
      RandomIds ids,
      Optional<Jwts> jwts,
      Origins origins,
      InstantSource clock) {
    var nonces = new Nonces(limits.proofs(), ids, clock);
    var registry = new RoomRegistry(tables.apply("rooms"), tables.apply("documents"));
    var keys = LinkKeys.open(tables.apply("secrets"), ids);
    var invitations =
        new Invitations(tables.apply("invitations"), limits.invitations(), ids, clock);
    var links = new RoomLinks(keys, tables.apply("links"), invitations, clock);
    var members = new Members(tables.apply("members"));
    var owners = new Owners(tables.apply("owners"), ids, clock);
    return new AccessServices(
        ids,
        new Identities(tables.apply("identities"), ids, clock),
        nonces,
        new Sessions(limits.proofs(), nonces, ids, clock),
        jwts,
        registry,
        links,
        invitations,
        members,
        owners,
        new RoomAuthorizer(registry, links, invitations, members, owners),
        new Tickets(limits, ids, clock),
        origins);
  }
}
