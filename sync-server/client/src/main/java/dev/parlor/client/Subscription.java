package dev.parlor.client;

/** A registered listener; {@link #close} removes it. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

  /** Removes the listener. A call that is under way may still end after this. */
  @Override
  void close();
}
