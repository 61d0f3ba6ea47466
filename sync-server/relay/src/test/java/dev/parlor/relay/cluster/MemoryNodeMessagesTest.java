package dev.parlor.relay.cluster;

import org.junit.jupiter.api.AfterEach;

/** Runs {@link NodeMessagesContract} on the fixture for other tests. */
class MemoryNodeMessagesTest extends NodeMessagesContract {

  private final MemoryNodeMessages messages = new MemoryNodeMessages();

  @AfterEach
  void close() {
    messages.close();
  }

  @Override
  protected NodeMessages node(int number) {
    return messages.node(number);
  }

  @Override
  protected void separate(int number) {
    messages.separate(number);
  }

  @Override
  protected void heal() {
    messages.heal();
  }
}
