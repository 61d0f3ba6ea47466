package dev.parlor.relay.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests the guarantees of {@link NodeMessages}. Each implementation has a subclass. */
public abstract class NodeMessagesContract {

  protected static final String TOPIC = "topic";

  /** The messages of node {@code number}. */
  protected abstract NodeMessages node(int number);

  /** Cuts a node off from the others, and returns when it cannot send any more. */
  protected abstract void separate(int number) throws Exception;

  /** Ends all separations. */
  protected abstract void heal() throws Exception;

  /** Keeps what it is told. */
  public static final class Received implements NodeMessages.Listener {
    private final BlockingQueue<Bytes> messages = new LinkedBlockingQueue<>();
    private final CountDownLatch resumed = new CountDownLatch(1);

    @Override
    public void received(Bytes message) {
      messages.add(message);
    }

    @Override
    public void resumed() {
      resumed.countDown();
    }

    /** The next message; fails after 10 s. */
    public Bytes next() throws InterruptedException {
      var message = messages.poll(10, TimeUnit.SECONDS);
      assertNotNull(message, "no message within 10 s");
      return message;
    }

    /** Waits until the listener was told that messages may have been lost. */
    public void awaitResumed() throws InterruptedException {
      assertTrue(resumed.await(10, TimeUnit.SECONDS), "not told of lost messages within 10 s");
    }
  }

  @Test
  @DisplayName("A message reaches all other nodes that listen to its topic, in the order sent")
  void reachesAllOtherNodes() throws Exception {
    var second = new Received();
    var third = new Received();
    node(2).subscribe(TOPIC, second);
    node(3).subscribe(TOPIC, third);
    for (var i = 0; i < 100; i++) {
      node(1).publish(TOPIC, Bytes.utf8("message " + i));
    }
    for (var i = 0; i < 100; i++) {
      assertEquals(Bytes.utf8("message " + i), second.next());
      assertEquals(Bytes.utf8("message " + i), third.next());
    }
  }

  @Test
  @DisplayName("A message reaches neither the node that sent it nor listeners of another topic")
  void reachesNobodyElse() throws Exception {
    var own = new Received();
    var otherTopic = new Received();
    node(1).subscribe(TOPIC, own);
    node(2).subscribe("other", otherTopic);
    node(1).publish(TOPIC, Bytes.utf8("for topic"));
    node(1).publish("other", Bytes.utf8("for other"));
    node(2).publish(TOPIC, Bytes.utf8("from node 2"));
    assertEquals(Bytes.utf8("for other"), otherTopic.next());
    assertEquals(Bytes.utf8("from node 2"), own.next());
  }

  @Test
  @DisplayName("A message may have 64 KiB, and may be empty")
  void sizes() throws Exception {
    var second = new Received();
    node(2).subscribe(TOPIC, second);
    var large = Bytes.wrap(new byte[64 * 1024]);
    node(1).publish(TOPIC, large);
    node(1).publish(TOPIC, Bytes.EMPTY);
    assertEquals(large, second.next());
    assertEquals(Bytes.EMPTY, second.next());
  }

  @Test
  @DisplayName("Two listeners of one topic on one node both receive a message")
  void severalListeners() throws Exception {
    var first = new Received();
    var second = new Received();
    node(2).subscribe(TOPIC, first);
    node(2).subscribe(TOPIC, second);
    node(1).publish(TOPIC, Bytes.utf8("x"));
    assertEquals(Bytes.utf8("x"), first.next());
    assertEquals(Bytes.utf8("x"), second.next());
  }

  @Test
  @DisplayName("After a separation all nodes are told that messages may be lost, and hear again")
  void tellsOfLosses() throws Exception {
    var first = new Received();
    var second = new Received();
    node(1).subscribe(TOPIC, first);
    node(2).subscribe(TOPIC, second);
    separate(1);
    node(1).publish(TOPIC, Bytes.utf8("lost"));
    node(2).publish(TOPIC, Bytes.utf8("lost"));
    heal();
    first.awaitResumed();
    second.awaitResumed();
    node(1).publish(TOPIC, Bytes.utf8("to 2"));
    node(2).publish(TOPIC, Bytes.utf8("to 1"));
    assertEquals(Bytes.utf8("to 2"), second.next());
    assertEquals(Bytes.utf8("to 1"), first.next());
  }
}
