package dev.parlor.bench.process;

/** Ends the processes that this process has started, with their descendants. */
public final class Descendants {

  private Descendants() {}

  /**
   * Kills them when this process is terminated, for example by Ctrl-C. A killed process cannot do
   * that.
   */
  public static void killAtExit() {
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
