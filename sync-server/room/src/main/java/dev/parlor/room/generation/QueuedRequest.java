package dev.parlor.room.generation;

import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.RoomLimits;

/**
 * A request in the queue. The ledger has it as JSON.
 *
 * @param lock the request, with the words of its attachments
 * @param prompt the prompt, folded when the request was accepted
 * @param acceptedAt time at which the server accepted the request, in milliseconds since 1970
 * @param old whether its author must confirm it before it may start
 */
record QueuedRequest(Lock lock, BuiltPrompt prompt, long acceptedAt, boolean old) {

  String request() {
    return lock.request();
  }

  QueuedRequest confirmed() {
    return new QueuedRequest(lock, prompt, acceptedAt, false);
  }

  /** The entry in the document. Notes stand there without their words. */
  Queued shown() {
    return new Queued(
        lock.request(),
        lock.by(),
        acceptedAt,
        lock.query(),
        lock.cards(),
        lock.after(),
        old ? Queued.State.OLD : Queued.State.WAITING,
        lock.attach().stream().map(QueuedRequest::shortened).toList(),
        lock.chat());
  }

  private static Attachment shortened(Attachment attachment) {
    String text =
        switch (attachment.kind()) {
          case NOTE -> "";
          case IMAGE -> attachment.text();
          case TEXT ->
              dev.parlor.crdt.identity.Texts.shortened(
                  attachment.text(), RoomLimits.QUEUED_QUOTE_LENGTH_MAX);
        };
    return new Attachment(
        attachment.kind(), attachment.id(), attachment.title(), text, attachment.from());
  }
}
