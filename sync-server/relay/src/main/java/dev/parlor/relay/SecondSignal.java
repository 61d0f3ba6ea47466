package dev.parlor.relay;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process at once when a signal arrives while it stops. Java ignores such a signal
 * otherwise.
 */
final class SecondSignal {

  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

  private SecondSignal() {}

  /** From now on the signals of an operator end the process with this status. */
  static void halts(int status) {
    try {
      // By reflection, since the compiler warns of this class and cannot be told not to.
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var halting =
          Proxy.newProxyInstance(
              SecondSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, method, _) -> handled(method, status));
      var handle = signal.getMethod("handle", signal, handler);
      for (var name : List.of("TERM", "INT")) {
        var _ = handle.invoke(null, signal.getConstructor(String.class).newInstance(name), halting);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("a second signal will not end the process", cause(e));
    }
  }

  private static Throwable cause(Exception e) {
    return e instanceof InvocationTargetException invoked && invoked.getCause() != null
        ? invoked.getCause()
        : e;
  }

  private static Object handled(Method method, int status) {
    if (method.getName().equals("handle")) {
      LOG.warn("a second signal: the process exits now");
      Runtime.getRuntime().halt(status);
    }
    return method.getName().equals("hashCode") ? 0 : "halts on a signal";
  }
}
