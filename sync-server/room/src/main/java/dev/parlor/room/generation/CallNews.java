package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.model.ModelEvent;
import dev.parlor.room.worker.RoomEvent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * News about the call of a run, for peers and subscribers.
 *
 * @param type the type of the ephemeral message and the name of the event
 * @param data texts and whole numbers
 */
record CallNews(String type, Map<String, Object> data) {
  CallNews {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /**
   * @param now milliseconds since the epoch, from which the page counts the wait
   */
  static CallNews of(RunRecord run, ModelEvent event, long now) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", run.request());
    data.put("epoch", run.epoch());
    data.put("at", now);
    String type =
        switch (event) {
          case ModelEvent.Asked asked -> {
            data.put("endpoint", asked.endpoint());
            data.put("model", asked.model().name());
            data.put("firstWordMs", asked.timeouts().firstToken().toMillis());
            data.put("betweenWordsMs", asked.timeouts().betweenTokens().toMillis());
            data.put("totalMs", asked.timeouts().total().toMillis());
            yield RoomEvent.GENERATION_WAITING;
          }
          case ModelEvent.Note note -> {
            data.put("text", note.sentence());
            yield RoomEvent.GENERATION_NOTE;
          }
          case ModelEvent.Retry retry -> {
            data.put("reason", retry.reason());
            data.put("pauseMs", retry.pause().toMillis());
            yield RoomEvent.GENERATION_RETRY;
          }
          case ModelEvent.Thought _ -> RoomEvent.GENERATION_THINKING;
          case ModelEvent.TextWasThoughts _ -> RoomEvent.GENERATION_RESTART;
          case ModelEvent.Delta _, ModelEvent.Done _, ModelEvent.Failed _ ->
              throw new IllegalArgumentException("not news: " + event);
        };
    return new CallNews(type, data);
  }

  Bytes toCbor() {
    CborWriter writer = new CborWriter().map(data.size() + 1).text("type").text(type);
    data.forEach(
        (key, value) -> {
          writer.text(key);
          if (value instanceof Long number) {
            writer.integer(number);
          } else {
            writer.text(value.toString());
          }
        });
    return writer.toBytes();
  }
}
