package dev.parlor.crdt.identity;

import java.util.function.Function;

/**
 * The outcome of reading untrusted input: the value, or the reason why the input is malformed.
 * Decoders return this type and never throw on input of a peer.
 */
public sealed interface Decoding<T> {

  /** The input was well formed. */
  record Decoded<T>(T value) implements Decoding<T> {}

  /**
   * The input broke a rule.
   *
   * @param rule the id in {@code docs/protocol.md}, for example {@code WS1}
   * @param reason one sentence for a person, without the offending bytes
   */
  record Malformed<T>(String rule, String reason) implements Decoding<T> {
    /** The same failure for another result type. */
    public <U> Malformed<U> cast() {
      return new Malformed<>(rule, reason);
    }
  }

  static <T> Decoding<T> of(T value) {
    return new Decoded<>(value);
  }

  static <T> Decoding<T> malformed(String rule, String reason) {
    return new Malformed<>(rule, reason);
  }

  default <U> Decoding<U> map(Function<? super T, ? extends U> function) {
    return switch (this) {
      case Decoded<T>(var value) -> new Decoded<>(function.apply(value));
      case Malformed<T> malformed -> malformed.cast();
    };
  }

  default <U> Decoding<U> flatMap(Function<? super T, Decoding<U>> function) {
    return switch (this) {
      case Decoded<T>(var value) -> function.apply(value);
      case Malformed<T> malformed -> malformed.cast();
    };
  }

  /** The value, for input that this process made; throws if it is malformed. */
  default T orElseThrow() {
    return switch (this) {
      case Decoded<T>(var value) -> value;
      case Malformed<T>(var rule, var reason) ->
          throw new IllegalArgumentException("[" + rule + "] " + reason);
    };
  }
}
