package dev.parlor.relay;

/**
 * The program {@code dev.parlor.relay.Main} in a process that cannot load Automerge's bindings. It
 * ends with status {@link #EXIT_BINDINGS} if their classes are on the class path.
 */
public final class RelayWithoutBindings {

  static final int EXIT_BINDINGS = 87;

  private RelayWithoutBindings() {}

  public static void main(String[] args) throws Exception {
    try {
      Class.forName("org.automerge.Document");
      System.exit(EXIT_BINDINGS);
    } catch (ClassNotFoundException _) {
      Main.main(args);
    }
  }
}
