package dev.parlor.room.access;

import dev.parlor.relay.admission.Role;
import java.util.Optional;

/** Gives an owner who lost the browser the room back, under a new identity, by the recovery key. */
public final class Recovery {
  private final Owners owners;
  private final Members members;

  public Recovery(Owners owners, Members members) {
    this.owners = owners;
    this.members = members;
  }

  /**
   * Makes the identity the owner if the recovery key is correct. The previous owner becomes a
   * player, regardless of its link.
   *
   * @return the previous owner, possibly the same identity; empty if the key is not the recovery
   *     key of this room
   */
  public Optional<String> restoreOwner(RoomInfo room, String identity, String key) {
    var previousOwner =
        owners.recover(
            room, identity, key, previous -> members.setRole(room.slug(), previous, Role.PLAYER));
    previousOwner.ifPresent(_ -> members.setOwner(room.slug(), identity));
    return previousOwner;
  }

  /** The refusal of a wrong key. It is the same if the room has no recovery key. */
  public static final AccessRefusal WRONG =
      new AccessRefusal(
          "AC13", 403, "wrong-recovery-key", "this is not the recovery key of this room");
}
