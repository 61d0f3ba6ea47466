package dev.parlor.room.access;

import dev.parlor.relay.admission.Role;
import java.util.Optional;

/** Restores ownership with the recovery key, for an owner who lost the browser. */
public final class Recovery {
  private final Owners owners;
  private final Members members;

  public Recovery(Owners owners, Members members) {
    this.owners = owners;
    this.members = members;
  }

  /**
   * Makes the identity the owner. The previous owner becomes a player, regardless of its link.
   *
   * @return the previous owner, possibly the same identity; empty if the key is not this room's
   */
  public Optional<String> use(RoomInfo room, String identity, String key) {
    var before =
        owners.recover(room, identity, key, old -> members.setRole(room.slug(), old, Role.PLAYER));
    before.ifPresent(_ -> members.setOwner(room.slug(), identity));
    return before;
  }

  /** The refusal of a wrong key. It is the same if the owner has created no key. */
  public static final AccessRefusal WRONG =
      new AccessRefusal(
          "AC13", 403, "wrong-recovery-key", "this is not the recovery key of this room");
}
