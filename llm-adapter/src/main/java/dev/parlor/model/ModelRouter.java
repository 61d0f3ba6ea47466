package dev.parlor.model;

import dev.parlor.model.Endpoint.ServedModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client of several endpoints. It asks the endpoint of the chosen model. If that fails before the
 * first word, it asks the models of the fallback in order and says so. Safe from any thread.
 */
public final class ModelRouter implements ModelClient {
  private final ModelSetup setup;
  private final Map<String, EndpointClient> clientsByModel = new LinkedHashMap<>();
  private final List<EndpointClient> clients = new ArrayList<>();

  /** Creates a client. The caller closes the timer after the client. */
  public ModelRouter(ModelSetup setup, ModelTimer timer) {
    this.setup = setup;
    for (Endpoint endpoint : setup.endpoints()) {
      EndpointClient client = new EndpointClient(endpoint, timer);
      clients.add(client);
      endpoint.models().forEach(model -> clientsByModel.put(model.name(), client));
    }
  }

  @Override
  public ModelCall start(ModelRequest request, Consumer<ModelEvent> listener) {
    String chosen = chosen(request);
    Set<String> names = new LinkedHashSet<>(List.of(chosen));
    names.addAll(setup.fallback());
    if (request.hasImages()) {
      names.removeIf(name -> !name.equals(chosen) && !offer(name).model().takesImages());
    }
    RoutedCall call = new RoutedCall(request, List.copyOf(names), listener);
    call.begin();
    return call;
  }

  private String chosen(ModelRequest request) {
    return clientsByModel.containsKey(request.model()) ? request.model() : setup.defaultModel();
  }

  private EndpointClient clientOf(String model) {
    EndpointClient client = clientsByModel.get(model);
    if (client == null) {
      throw new IllegalStateException("no endpoint has the model " + model);
    }
    return client;
  }

  private static ModelRequest withModel(ModelRequest request, String model) {
    return new ModelRequest(model, request.messages(), request.tokensMax());
  }

  @Override
  public String body(ModelRequest request) {
    String model = chosen(request);
    return clientOf(model).body(withModel(request, model));
  }

  @Override
  public String name() {
    return setup.defaultModel();
  }

  @Override
  public List<Offer> offers() {
    return setup.endpoints().stream()
        .flatMap(endpoint -> endpoint.models().stream().map(model -> Offer.of(endpoint, model)))
        .sorted(Comparator.comparing(offer -> !offer.model().name().equals(setup.defaultModel())))
        .toList();
  }

  @Override
  public void close() {
    clients.forEach(EndpointClient::close);
  }

  /** One call, at one endpoint after another. Its events come from one endpoint at a time. */
  private final class RoutedCall implements ModelCall {
    private final ModelRequest request;
    private final List<String> models;
    private final Consumer<ModelEvent> listener;

    // Guarded by this.
    private int next;
    private @Nullable ModelCall call;
    private boolean isCancelled;

    RoutedCall(ModelRequest request, List<String> models, Consumer<ModelEvent> listener) {
      this.request = request;
      this.models = models;
      this.listener = listener;
    }

    void begin() {
      String model;
      int position;
      synchronized (this) {
        if (isCancelled) {
          return;
        }
        position = next++;
        model = models.get(position);
      }
      ModelCall started = clientOf(model).start(withModel(request, model), this::onEvent);
      boolean mustCancel;
      synchronized (this) {
        if (next == position + 1) {
          call = started; // otherwise the call has failed already, and the next one runs
        }
        mustCancel = isCancelled;
      }
      if (mustCancel) {
        started.cancel();
      }
    }

    private void onEvent(ModelEvent event) {
      if (!(event instanceof ModelEvent.Failed failed) || !failed.mayAskAnother()) {
        listener.accept(event);
        return;
      }
      String failedModel;
      String nextModel;
      synchronized (this) {
        if (isCancelled) {
          return;
        }
        failedModel = models.get(next - 1);
        nextModel = next < models.size() ? models.get(next) : "";
      }
      if (nextModel.isEmpty()) {
        listener.accept(event);
        return;
      }
      listener.accept(new ModelEvent.Note(note(failedModel, failed.reason(), nextModel)));
      begin();
    }

    private String note(String failedModel, String reason, String nextModel) {
      ServedModel other = offer(nextModel).model();
      boolean addsLimit = request.tokensMax().isEmpty() && offer(nextModel).requiresLimit();
      return failedModel
          + " gave no answer: "
          + reason
          + ". "
          + other.name()
          + " was asked instead"
          + (addsLimit ? ", for at most " + other.tokensMax().orElseThrow() + " tokens." : ".");
    }

    @Override
    public void cancel() {
      ModelCall current;
      synchronized (this) {
        isCancelled = true;
        current = call;
      }
      if (current != null) {
        current.cancel();
      }
    }
  }
}
