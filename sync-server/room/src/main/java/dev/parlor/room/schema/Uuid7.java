package dev.parlor.room.schema;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * UUIDs of version 7 in lower case: 48 bits of milliseconds, then random bits. So ids sort by their
 * time.
 *
 * <p>Source: RFC 9562, section 5.7.
 */
public final class Uuid7 {

  private Uuid7() {}

  public static String of(long millis, RandomGenerator random) {
    var high = (millis << 16) | 0x7000 | (random.nextInt() & 0x0fff);
    var low = (random.nextLong() >>> 2) | 0x8000_0000_0000_0000L;
    return "%08x-%04x-%04x-%04x-%012x"
        .formatted(
            high >>> 32,
            (high >>> 16) & 0xffff,
            high & 0xffff,
            low >>> 48,
            low & 0xffff_ffff_ffffL);
  }

  /** A source that reads the clock at every call. */
  public static IdSource source(InstantSource clock, RandomGenerator random) {
    return () -> of(clock.millis(), random);
  }
}
