package dev.parlor.bench.process;

/** The processes that this process has started, and their descendants. */
public final class Descendants {

  private Descendants() {}

  /**
   * Ends them when this process is terminated, for example by Ctrl-C, but not when it is killed.
   */
  public static void endWithThis() {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("descendants")
                .unstarted(
                    () ->
                        ProcessHandle.current()
                            .descendants()
                            .forEach(ProcessHandle::destroyForcibly)));
  }
}
