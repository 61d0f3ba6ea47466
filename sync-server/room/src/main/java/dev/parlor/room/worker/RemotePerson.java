package dev.parlor.room.worker;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import java.util.Optional;

/**
 * A person's connection to a room, as nodes tell each other.
 *
 * @param connection the id of the connection: a peer id, or the id of a JSON socket
 * @param identity as in {@link Caller#identity(PeerId)}
 */
record RemotePerson(String connection, String identity, Role role) {

  /** The caller of the connection, without its scope and link. */
  Caller caller() {
    return new Caller(
        ParticipantFields.isGuest(identity) ? Optional.empty() : Optional.of(identity),
        role,
        Optional.empty());
  }
}
