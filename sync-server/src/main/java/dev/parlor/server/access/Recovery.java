package dev.parlor.server.access;

import dev.parlor.server.admission.Role;
import java.util.Optional;

/** Where an owner who lost the browser gets back in with the recovery key. */
public final class Recovery {
  private final Owners owners;
  private final Members members;

  public Recovery(Owners owners, Members members) {
    this.owners = owners;
    this.members = members;
  }

  /**
   * Makes the identity the owner. The owner before is a player from then on, whatever link it
   * shows.
   *
   * @return the owner before, who may be the same; empty when the key is not this room's
   */
  public Optional<String> use(RoomInfo room, String identity, String key) {
    var before =
        owners.recover(room, identity, key, old -> members.setRole(room.slug(), old, Role.PLAYER));
    before.ifPresent(_ -> members.setOwner(room.slug(), identity));
    return before;
  }

  /** What is answered to a wrong key, and where the owner has made none. */
  public static final AccessRefusal WRONG =
      new AccessRefusal(
          "AC13", 403, "wrong-recovery-key", "this is not the recovery key of this room");
}
