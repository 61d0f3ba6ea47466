package dev.parlor.bench.process;

/** The processes that this one has started, and theirs. */
public final class Descendants {

  private Descendants() {}

  /**
   * They end when this process is told to, as by Ctrl-C: nobody else would end them. Not when it is
   * killed.
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
