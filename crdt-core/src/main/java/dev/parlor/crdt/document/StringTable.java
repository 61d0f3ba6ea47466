package dev.parlor.crdt.document;

import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Strings and their numbers, from 0 in the order of their addition. Each string is stored once. */
final class StringTable {

  private static final int ABSENT = -1;

  /** Differs in each process, so that no document can be made whose strings collide. */
  private static final long SALT = new SplittableRandom().nextLong() | 1;

  private final List<Bytes> strings = new ArrayList<>();

  /** A hash table of numbers, at most half full. */
  private int[] slots = new int[16];

  private int last = ABSENT;

  StringTable() {
    Arrays.fill(slots, ABSENT);
  }

  /** The number of the string, which is added if it is absent. */
  int number(Bytes string) {
    if (last != ABSENT && strings.get(last).equals(string)) {
      return last; // keys often follow each other
    }
    var slot = slot(string);
    if (slots[slot] == ABSENT) {
      if (strings.size() * 2 >= slots.length) {
        grow();
        slot = slot(string);
      }
      slots[slot] = strings.size();
      strings.add(string);
    }
    last = slots[slot];
    return last;
  }

  Bytes string(int number) {
    return strings.get(number);
  }

  /** The rank of each string, by its number, in the order of the bytes. */
  int[] ranks() {
    var ranks = new int[strings.size()];
    var rank = 0;
    for (var number : sorted()) {
      ranks[number] = rank++;
    }
    return ranks;
  }

  private int[] sorted() {
    return IntStream.range(0, strings.size())
        .boxed()
        .sorted((one, other) -> strings.get(one).compareTo(strings.get(other)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private void grow() {
    slots = new int[slots.length * 2];
    Arrays.fill(slots, ABSENT);
    for (var number = 0; number < strings.size(); number++) {
      slots[slot(strings.get(number))] = number;
    }
  }

  private int slot(Bytes string) {
    var mixed = SALT;
    for (var i = 0; i < string.length(); i++) {
      mixed = (mixed ^ string.at(i)) * 0x9e37_79b9_7f4a_7c15L;
      mixed ^= mixed >>> 29;
    }
    var slot = (int) (mixed >>> 32) & (slots.length - 1);
    while (slots[slot] != ABSENT && !strings.get(slots[slot]).equals(string)) {
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }
}
