package dev.parlor.client;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The listeners of one kind of event. They are called on the executor, in the order of the events;
 * a listener that fails is logged. Thread-safe.
 */
final class Listeners<E> {

  private static final System.Logger LOG = System.getLogger("dev.parlor.client");

  private final List<Consumer<? super E>> listeners = new CopyOnWriteArrayList<>();
  private final Executor executor;

  Listeners(Executor executor) {
    this.executor = executor;
  }

  Subscription add(Consumer<? super E> listener) {
    // A wrapper, so that a listener that was added twice is removed once.
    Consumer<E> own = event -> listener.accept(event);
    listeners.add(own);
    return () -> listeners.remove(own);
  }

  void tell(E event) {
    if (!listeners.isEmpty()) {
      executor.execute(() -> listeners.forEach(listener -> tell(listener, event)));
    }
  }

  private void tell(Consumer<? super E> listener, E event) {
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a listener failed", e);
    }
  }
}
