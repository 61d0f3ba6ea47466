package dev.parlor.room.schema;

import java.util.List;

/**
 * The name and avatar of a person without a name, for example "Amber Otter". Both are derived from
 * the identity, so they are equal on every device. {@code docs/vectors/guest-names.json} pins them
 * for Java and TypeScript.
 *
 * <p>Let n be the 32-bit FNV-1a hash over the identity's UTF-16 units. The adjective has the index
 * n mod 24, the animal (n div 24) mod 24.
 */
public record GuestName(String name, String avatar) {

  private static final List<String> ADJECTIVES =
      List.of(
          "Amber", "Blue", "Quiet", "Bright", "Copper", "Gentle", "Golden", "Hazel", "Indigo",
          "Jade", "Keen", "Lively", "Mellow", "Nimble", "Olive", "Patient", "Plum", "Rosy", "Sage",
          "Silver", "Sunny", "Teal", "Velvet", "Warm");

  private static final List<GuestName> ANIMALS =
      List.of(
          new GuestName("Otter", "\ud83e\udda6"),
          new GuestName("Finch", "\ud83d\udc26"),
          new GuestName("Heron", "\ud83e\udeb6"),
          new GuestName("Fox", "\ud83e\udd8a"),
          new GuestName("Owl", "\ud83e\udd89"),
          new GuestName("Hedgehog", "\ud83e\udd94"),
          new GuestName("Badger", "\ud83e\udda1"),
          new GuestName("Whale", "\ud83d\udc0b"),
          new GuestName("Turtle", "\ud83d\udc22"),
          new GuestName("Bee", "\ud83d\udc1d"),
          new GuestName("Koala", "\ud83d\udc28"),
          new GuestName("Panda", "\ud83d\udc3c"),
          new GuestName("Swan", "\ud83e\udda2"),
          new GuestName("Dolphin", "\ud83d\udc2c"),
          new GuestName("Squirrel", "\ud83d\udc3f\ufe0f"),
          new GuestName("Penguin", "\ud83d\udc27"),
          new GuestName("Robin", "\ud83d\udc24"),
          new GuestName("Seal", "\ud83e\uddad"),
          new GuestName("Rabbit", "\ud83d\udc07"),
          new GuestName("Snail", "\ud83d\udc0c"),
          new GuestName("Llama", "\ud83e\udd99"),
          new GuestName("Moth", "\ud83e\udd8b"),
          new GuestName("Crab", "\ud83e\udd80"),
          new GuestName("Frog", "\ud83d\udc38"));

  public static GuestName of(String identity) {
    var unsignedHash = Integer.toUnsignedLong(hash(identity));
    var animal = ANIMALS.get((int) (unsignedHash / ADJECTIVES.size() % ANIMALS.size()));
    var adjective = ADJECTIVES.get((int) (unsignedHash % ADJECTIVES.size()));
    return new GuestName(adjective + " " + animal.name(), animal.avatar());
  }

  private static int hash(String text) {
    var hash = 0x811c9dc5;
    for (var i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x01000193;
    }
    return hash;
  }
}
