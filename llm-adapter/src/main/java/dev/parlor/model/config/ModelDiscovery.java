package dev.parlor.model.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.model.Endpoint;
import dev.parlor.model.Endpoint.Price;
import dev.parlor.model.Endpoint.ServedModel;
import java.io.IOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * Asks an endpoint for its models, with {@code GET /models}. Most interfaces report names only;
 * some report context, limit and price too. Blocks; used at start if the settings name no model.
 */
public final class ModelDiscovery {
  /** Models of one endpoint; above: the later ones are dropped. */
  private static final int MODELS_MAX = 100;

  /** Bytes of the list; above: it is not read. */
  private static final long BYTES_MAX = 8 * 1024 * 1024;

  private static final double TOKENS_OF_PRICE = 1_000_000;

  /** Names of models that do not write text. */
  private static final Pattern NO_CHAT =
      Pattern.compile(
          "embed|whisper|tts|dall-e|moderation|transcribe|realtime|rerank|sora|davinci|babbage"
              + "|-image|audio|guard|imagen|veo|aqa");

  private final Duration timeout;

  /**
   * @param timeout the time for the whole request; then: the list counts as unreadable
   */
  public ModelDiscovery(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * The models that the endpoint reports, the best default first.
   *
   * @throws IOException with a sentence for the operator
   */
  public List<ServedModel> models(EndpointSettings endpoint) throws IOException {
    String advice = "; name its models in the settings, or start it first";
    var http =
        new OkHttpClient.Builder()
            .callTimeout(timeout)
            .followRedirects(false)
            .proxy(Proxy.NO_PROXY)
            .build();
    var request =
        new Request.Builder()
            .url(Endpoint.modelsUrl(endpoint.url()).toString())
            .header("Accept", "application/json")
            .header("User-Agent", "parlor");
    Endpoint.headers(endpoint.preset().kind(), endpoint.key()).forEach(request::header);
    try (var response = http.newCall(request.build()).execute()) {
      if (!response.isSuccessful()) {
        throw new IOException(
            "the endpoint "
                + endpoint.name()
                + " answered "
                + response.code()
                + " instead of the list of its models"
                + advice);
      }
      var source = response.body().source();
      if (source.request(BYTES_MAX + 1)) {
        throw new IOException("the list of models of " + endpoint.name() + " is too long");
      }
      List<ServedModel> models = read(source.readUtf8(), endpoint.preset());
      if (models.isEmpty()) {
        throw new IOException("the endpoint " + endpoint.name() + " reports no model" + advice);
      }
      return models;
    } catch (JsonProcessingException e) {
      throw new IOException(
          "the endpoint " + endpoint.name() + " sent no list of its models" + advice, e);
    } catch (java.io.InterruptedIOException | java.net.SocketException e) {
      throw new IOException(
          "the endpoint " + endpoint.name() + " cannot be asked for its models" + advice, e);
    } finally {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
  }

  static List<ServedModel> read(String json, Preset preset) throws JsonProcessingException {
    JsonNode root = new ObjectMapper().readTree(json);
    JsonNode list = root.isArray() ? root : root.path("data");
    List<ServedModel> models = new ArrayList<>();
    for (JsonNode entry : list) {
      String id = entry.path("id").asText("");
      if (!id.isBlank() && !NO_CHAT.matcher(id).find() && models.size() < MODELS_MAX) {
        models.add(model(id, entry));
      }
    }
    models.sort(Comparator.comparingInt(model -> rank(model.id(), preset)));
    return models;
  }

  /** The position of the first preferred beginning that fits. */
  private static int rank(String id, Preset preset) {
    List<String> preferred = preset.preferred();
    for (int i = 0; i < preferred.size(); i++) {
      if (id.startsWith(preferred.get(i))) {
        return i;
      }
    }
    return preferred.size();
  }

  private static ServedModel model(String id, JsonNode entry) {
    JsonNode modalities =
        entry.path("architecture").path("input_modalities").isArray()
            ? entry.path("architecture").path("input_modalities")
            : entry.path("input_modalities");
    boolean takesImages = !modalities.isArray();
    for (JsonNode modality : modalities) {
      takesImages |= modality.asText("").equals("image");
    }
    return new ServedModel(
        id,
        id,
        price(entry.path("pricing")),
        number(
            entry,
            "context_length",
            "context_window",
            "max_model_len",
            "max_context_length",
            "max_input_tokens"),
        number(entry, "max_tokens", "max_completion_tokens", "max_output_length"),
        takesImages);
  }

  /** Prices stand as text, in US dollars for one token. A negative price is not fixed. */
  private static Optional<Price> price(JsonNode pricing) {
    double input = pricing.path("prompt").asDouble(-1) * TOKENS_OF_PRICE;
    double output = pricing.path("completion").asDouble(-1) * TOKENS_OF_PRICE;
    return input < 0 || output < 0 ? Optional.empty() : Optional.of(new Price(input, output));
  }

  private static OptionalInt number(JsonNode entry, String... fields) {
    for (String field : fields) {
      if (entry.path(field).canConvertToInt() && entry.path(field).intValue() > 0) {
        return OptionalInt.of(entry.path(field).intValue());
      }
    }
    return OptionalInt.empty();
  }
}
