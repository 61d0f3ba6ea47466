package dev.parlor.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.room.GenesisOptions;
import dev.parlor.crdt.room.GuestName;
import dev.parlor.crdt.room.IdSource;
import dev.parlor.crdt.room.Participant;
import dev.parlor.crdt.room.RoomEdits;
import dev.parlor.crdt.room.RoomLimits;
import dev.parlor.crdt.room.RoomSchema;
import dev.parlor.crdt.room.TurnOrder;
import dev.parlor.server.access.Members;
import dev.parlor.server.access.RandomIds;
import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.RoomRegistry;
import dev.parlor.server.access.Tickets;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.admission.Role;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.rooms.EditPlan;
import io.helidon.http.HeaderNames;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes rooms, shows them, lets people in, and hands out links and tickets. */
final class RoomsApi {

  private final Door door;
  private final RoomDesk desk;
  private final RoomRegistry registry;
  private final Members members;
  private final RandomIds random;
  private final IdSource ids;
  private final Links links;
  private final Tickets tickets;
  private final RequestLimits limits;
  private final InstantSource clock;
  private final String storageId;

  RoomsApi(
      Door door,
      RoomDesk desk,
      RoomRegistry registry,
      Members members,
      RandomIds random,
      IdSource ids,
      Links links,
      Tickets tickets,
      RequestLimits limits,
      InstantSource clock,
      String storageId) {
    this.door = door;
    this.desk = desk;
    this.registry = registry;
    this.members = members;
    this.random = random;
    this.ids = ids;
    this.links = links;
    this.tickets = tickets;
    this.limits = limits;
    this.clock = clock;
    this.storageId = storageId;
  }

  Reply create(Ask ask) {
    var owner = door.identity(ask);
    var fields = Fields.parse(ask.body(), "title", "secret");
    var title = fields.optionalLine("title", RoomLimits.TITLE_LENGTH_MAX).orElse("");
    var secret = SecretApi.ofBody(fields);
    limits.newRoom(door.who(ask));
    var now = clock.millis();
    var room = new RoomInfo(random.slug(), random.documentId(), owner, now, secret);
    registry.reserve(room).join();
    desk.edit(
        room,
        _ -> new EditPlan<>(RoomSchema.genesis(GenesisOptions.standard(title), ids, now), true));
    if (secret.isPresent() && owner.isPresent()) {
      // Who made the secret knows it.
      members.setKnows(room.slug(), owner.get());
    }
    registry.publish(room).join();
    return created(ask, room, links);
  }

  /** What the maker of a room is told. */
  static Reply created(Ask ask, RoomInfo room, Links links) {
    var json = Json.object();
    json.put("slug", room.slug());
    json.put("documentId", room.documentId().value());
    json.put("automergeUrl", room.documentId().url());
    json.set("links", Json.tree(links.pages(ask, room.slug())));
    json.set("sync", Json.tree(links.sockets(ask, room.slug())));
    return Reply.json(201, json)
        .header("Location", "/api/rooms/" + room.slug())
        .header("Cache-Control", "no-store");
  }

  /** The room as JSON, or 304 when the caller has these heads already. */
  Reply show(Ask ask) {
    var room = door.enter(ask).room();
    var actor = desk.actor(room);
    var reading = RoomDesk.await(actor.read());
    var etag = ETags.of(reading.heads());
    var known = ask.header(HeaderNames.IF_NONE_MATCH);
    var reply =
        known.isPresent() && ETags.matches(known.get(), etag)
            ? Reply.empty(304)
            : Reply.json(200, RoomJson.of(room, reading, RoomDesk.away(actor)));
    return reply.header("ETag", etag).header("Cache-Control", "private, no-cache");
  }

  /** Links that let others in; only who may let others in sees them. */
  Reply links(Ask ask) {
    var visitor = door.enter(ask);
    if (visitor.role() != Role.HOST) {
      throw Problem.forbidden("not-host", "only a host sees the room's links").thrown();
    }
    var slug = visitor.room().slug();
    return Reply.json(
            200, Map.of("links", links.pages(ask, slug), "sync", links.sockets(ask, slug)))
        .header("Cache-Control", "no-store");
  }

  /** Joining again changes name and picture and keeps the place in the order. */
  Reply join(Ask ask) {
    var identity = door.requireIdentity(ask);
    var visitor = door.comeIn(ask, identity);
    var fields = Fields.parse(ask.body(), "name", "avatar", "color");
    var guest = GuestName.of(identity);
    var name = fields.optionalLine("name", RoomLimits.NAME_LENGTH_MAX).filter(n -> !n.isEmpty());
    var avatar = fields.optionalLine("avatar", FixedLimits.AVATAR_LENGTH_MAX);
    var color = fields.optionalLine("color", FixedLimits.COLOR_LENGTH_MAX);
    var issued = door.issuedName(ask);
    var now = clock.millis();
    desk.edit(
        visitor.room(),
        view -> {
          var known = view.participant(identity);
          var person =
              new Participant(
                  identity,
                  name.or(() -> known.map(Participant::name)).or(() -> issued).orElse(guest.name()),
                  avatar.or(() -> known.map(Participant::avatar)).orElse(guest.avatar()),
                  color.or(() -> known.map(Participant::color)).orElse(null),
                  role(visitor, known),
                  known.map(Participant::joinedAt).orElse(now));
          return new EditPlan<>(RoomEdits.join(view, person), true);
        });
    return Reply.json(200, joined(visitor, identity)).header("Cache-Control", "no-store");
  }

  /**
   * A link never takes away what an earlier one gave; what a host gave counts whatever the link.
   */
  private static Participant.Role role(Door.Visitor visitor, Optional<Participant> known) {
    var shown = RoomDesk.documentRole(visitor.role());
    if (visitor.pinned()) {
      return shown;
    }
    return known.map(Participant::role).filter(before -> before.compareTo(shown) < 0).orElse(shown);
  }

  private ObjectNode joined(Door.Visitor visitor, String identity) {
    var room = visitor.room();
    var actor = desk.actor(room);
    var reading = RoomDesk.await(actor.read());
    var away = RoomDesk.away(actor);
    var person = RoomDesk.participant(reading.view(), identity);
    var json = Json.object();
    json.put("slug", room.slug());
    json.put("documentId", room.documentId().value());
    json.put("automergeUrl", room.documentId().url());
    json.put("identity", identity);
    json.put("role", roleOf(visitor, identity, reading.view()));
    json.put("storageId", storageId);
    json.set("participant", RoomJson.person(person, TurnOrder.of(reading.view(), away), away));
    json.set("room", RoomJson.of(room, reading, away));
    json.set("heads", RoomJson.heads(reading.heads()));
    return json;
  }

  private static String roleOf(
      Door.Visitor visitor, String identity, dev.parlor.crdt.room.RoomView view) {
    return RoomDesk.effectiveRole(visitor.role(), identity, view).name().toLowerCase(Locale.ROOT);
  }

  /** A single-use address for one socket, with what this identity may do here. */
  Reply ticket(Ask ask) {
    var identity = door.requireIdentity(ask);
    var visitor = door.comeIn(ask, identity);
    Fields.parse(ask.body());
    var view = desk.read(visitor.room()).view();
    var role = RoomDesk.effectiveRole(visitor.role(), identity, view);
    var ticket =
        tickets.issue(
            new Caller(
                Optional.of(identity),
                role,
                Optional.of(visitor.room().documentId()),
                Optional.of(visitor.link())));
    return Reply.json(
            201,
            Map.of(
                "url", links.ticket(ask, ticket.value()),
                "role", role.name().toLowerCase(Locale.ROOT),
                "expiresAt", ticket.expiresAt().toEpochMilli()))
        .header("Cache-Control", "no-store");
  }
}
