package dev.parlor.server.relay;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.storage.ChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writer of one document: a virtual thread {@code room-<id>} that waits for the document to be
 * loaded, then takes what is in the mailbox, all at once, and works it off on its {@link
 * RoomState}. It leaves memory when nobody needs it, and ends when its state fails.
 *
 * <p>A document that cannot be read is quarantined [DU4]: its peers are told that it is unavailable
 * and nothing of theirs is acknowledged; other rooms do not notice.
 */
final class Room {

  private static final Logger LOG = LoggerFactory.getLogger(Room.class);

  private final DocumentId id;
  private final RoomContext context;
  private final RoomDirectory directory;
  private final ChangeStore store;
  private final Compactor compactor;
  private final Mailbox mailbox;
  private final CompletableFuture<RoomLoader.Loaded> loading;

  private boolean compacting;
  private int compactionTriedAt;
  private boolean inTrouble;

  Room(
      DocumentId id,
      RoomContext context,
      RoomDirectory directory,
      ChangeStore store,
      Compactor compactor,
      CompletableFuture<RoomLoader.Loaded> loading) {
    this.id = id;
    this.context = context;
    this.directory = directory;
    this.store = store;
    this.compactor = compactor;
    this.loading = loading;
    this.mailbox = new Mailbox(context.limits().rooms().queueMax());
  }

  void start() {
    Thread.ofVirtual().name("room-" + id).start(this::run);
  }

  /** False when this room is gone; its successor is in the directory. */
  boolean put(RoomCommand command, int weight) throws InterruptedException {
    return mailbox.put(command, weight);
  }

  /** As {@link #put}, for the server itself: never waits. */
  boolean force(RoomCommand command) {
    return mailbox.force(command);
  }

  private void run() {
    @Nullable RoomState state = null;
    context.metrics().roomOpened();
    try {
      var loaded = load();
      if (loaded.isEmpty()) {
        quarantine();
        return;
      }
      state =
          new RoomState(id, context, loaded.get().graph(), loaded.get().snapshot(), this::append);
      work(state);
    } catch (Throwable failure) {
      fail(state, failure);
    } finally {
      trouble(false);
      directory.gone(id, this);
      context.metrics().roomClosed();
    }
  }

  private Optional<RoomLoader.Loaded> load() throws InterruptedException {
    try {
      return Optional.of(loading.get());
    } catch (java.util.concurrent.ExecutionException e) {
      LOG.error("document {} is quarantined: it cannot be read", id, e.getCause());
      return Optional.empty();
    }
  }

  private void work(RoomState state) throws InterruptedException {
    List<RoomCommand> spare = new ArrayList<>();
    var wait = idleNanos();
    while (true) {
      var commands = mailbox.take(wait, spare);
      var now = context.nanoTime().getAsLong();
      if (commands.isEmpty() && state.isIdle() && mailbox.closeIfEmpty()) {
        context.metrics().roomEvicted();
        return;
      }
      for (var i = 0; i < commands.size(); i++) {
        handle(state, commands.get(i), now);
      }
      wait = Math.min(state.settle(now), state.isIdle() ? idleNanos() : Mailbox.FOREVER);
      measure(commands);
      trouble(state.inTrouble());
      compact(state);
      commands.clear();
      spare = commands;
    }
  }

  private void handle(RoomState state, RoomCommand command, long now) {
    switch (command) {
      case RoomCommand.Receive(var peer, var inbound, _) -> state.receive(peer, inbound, now);
      case RoomCommand.Say(var peer, var message) -> state.say(peer, message);
      case RoomCommand.Leave(var peer, var goodbye) -> state.leave(peer, goodbye);
      case RoomCommand.Submit(var changes, var done) -> state.submit(changes, done);
      case RoomCommand.Broadcast(var data) -> state.broadcast(data);
      case RoomCommand.Observe(var observer) -> state.observe(observer);
      case RoomCommand.Unobserve(var observer) -> state.unobserve(observer);
      case RoomCommand.Appended(var from, _, var failure) -> state.appended(from, failure, now);
      case RoomCommand.Compacted(var snapshot) -> {
        compacting = false;
        snapshot.ifPresent(state::compacted);
      }
      case RoomCommand.Flush(var done) -> state.flush(done);
    }
  }

  private void append(int from, int to, List<ChangeStore.ChangeRecord> records) {
    var _ =
        store
            .append(id, records)
            .whenComplete(
                (_, failure) ->
                    mailbox.force(
                        new RoomCommand.Appended(from, to, Optional.ofNullable(failure))));
  }

  private void compact(RoomState state) {
    if (compacting) {
      return;
    }
    var graph = state.committedGraph();
    if (graph.isPresent()
        && graph.get().size() - compactionTriedAt
            >= context.limits().storage().compactAfterChanges()
        && compactor.mayCompact(id)) {
      compacting = true;
      compactionTriedAt = graph.get().size();
      compactor.compact(
          id,
          graph.get(),
          state.snapshot(),
          snapshot -> mailbox.force(new RoomCommand.Compacted(snapshot)));
    }
  }

  /** Tells how long the oldest received message took to reach every outbox. */
  private void measure(List<RoomCommand> commands) {
    if (commands.isEmpty()) {
      return;
    }
    context.metrics().roomQueueDepth(commands.size());
    for (var command : commands) {
      if (command instanceof RoomCommand.Receive(_, var inbound, var receivedAt)
          && !inbound.changes().isEmpty()) {
        context.metrics().dispatched(context.nanoTime().getAsLong() - receivedAt);
        return;
      }
    }
  }

  private void trouble(boolean now) {
    if (now != inTrouble) {
      inTrouble = now;
      directory.trouble(now);
      if (now) {
        LOG.error("document {}: the store refuses its changes; kept in memory, tried again", id);
      } else {
        LOG.info("document {}: its changes are on disk again", id);
      }
    }
  }

  /** A defect of ours: loud, and only this room. */
  private void fail(@Nullable RoomState state, Throwable failure) {
    LOG.error("room {} failed", id, failure);
    context.metrics().roomFailed();
    var left = mailbox.close();
    if (state != null) {
      try {
        state.fail(failure);
      } catch (RuntimeException e) {
        LOG.error("room {} failed while failing", id, e);
      }
    }
    for (var command : left) {
      switch (command) {
        case RoomCommand.Receive(var peer, _, _) ->
            peer.close(CloseCodes.DEFECT, "room", "this document's room failed, come back");
        case RoomCommand.Submit(_, var done) -> done.completeExceptionally(lost(failure));
        case RoomCommand.Flush(var done) -> done.completeExceptionally(lost(failure));
        case RoomCommand.Observe(var observer) -> observer.failed(failure);
        case RoomCommand.Say _,
            RoomCommand.Leave _,
            RoomCommand.Broadcast _,
            RoomCommand.Unobserve _,
            RoomCommand.Appended _,
            RoomCommand.Compacted _ -> {}
      }
    }
  }

  private static RoomException lost(Throwable cause) {
    return new RoomException("room", "the room failed", cause);
  }

  /** Answers everybody that there is nothing to be had, until nobody asks any more. */
  private void quarantine() throws InterruptedException {
    var reason = new RoomException("DU4", "the document cannot be read and is quarantined");
    List<RoomCommand> spare = new ArrayList<>();
    while (true) {
      var commands = mailbox.take(idleNanos(), spare);
      if (commands.isEmpty() && mailbox.closeIfEmpty()) {
        return;
      }
      for (var command : commands) {
        switch (command) {
          case RoomCommand.Receive(var peer, _, _) -> unavailable(peer);
          case RoomCommand.Submit(_, var done) -> done.completeExceptionally(reason);
          case RoomCommand.Flush(var done) -> done.complete(null);
          case RoomCommand.Observe(var observer) -> observer.failed(reason);
          case RoomCommand.Say _,
              RoomCommand.Leave _,
              RoomCommand.Broadcast _,
              RoomCommand.Unobserve _,
              RoomCommand.Appended _,
              RoomCommand.Compacted _ -> {}
        }
      }
      commands.clear();
      spare = commands;
    }
  }

  private void unavailable(Peer peer) {
    peer.offer(
        WireCodec.shared(new WireMessage.DocUnavailable(context.server(), peer.id(), id)),
        WireCodec.target(peer.id()));
  }

  private long idleNanos() {
    return TimeUnit.SECONDS.toNanos(context.limits().rooms().idleSeconds());
  }
}
