package dev.parlor.model.config;

import dev.parlor.model.Endpoint.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Known kinds of endpoints, so that a configuration needs only a key or a URL. */
public enum Preset {
  OPENAI("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4o-mini", "gpt-4.1-mini"),
  ANTHROPIC(
      "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "claude-haiku", "claude"),
  OPENROUTER("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter/auto"),
  GROQ("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "llama-3"),
  MISTRAL("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral-small"),
  DEEPSEEK("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "deepseek-chat"),
  GEMINI(
      "gemini",
      "https://generativelanguage.googleapis.com/v1beta/openai",
      "GEMINI_API_KEY",
      "models/gemini-2.5-flash",
      "gemini-2.5-flash"),
  XAI("xai", "https://api.x.ai/v1", "XAI_API_KEY", "grok"),
  TOGETHER("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY"),
  CEREBRAS("cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
  OLLAMA("ollama", "http://127.0.0.1:11434/v1"),
  LM_STUDIO("lm-studio", "http://127.0.0.1:1234/v1"),
  LLAMA_CPP("llama.cpp", "http://127.0.0.1:8080/v1"),
  VLLM("vllm", "http://127.0.0.1:8000/v1"),
  /** Any other endpoint with OpenAI's interface; it needs a URL. */
  OPENAI_COMPATIBLE("openai-compatible", "");

  private final String wire;
  private final String url;
  private final String keyVariable;

  /** The preferred beginnings, separated by spaces. */
  private final String preferred;

  Preset(String wire, String url) {
    this(wire, url, "");
  }

  Preset(String wire, String url, String keyVariable, String... preferred) {
    this.wire = wire;
    this.url = url;
    this.keyVariable = keyVariable;
    this.preferred = String.join(" ", preferred);
  }

  /** The name in settings and files. */
  public String wire() {
    return wire;
  }

  /** The base URL; empty if the configuration must have it. */
  public String url() {
    return url;
  }

  /**
   * The environment variable in which programs of this provider keep the key; empty without one.
   */
  public String keyVariable() {
    return keyVariable;
  }

  /** Whether the provider answers only requests with a key. */
  public boolean needsKey() {
    return !keyVariable.isEmpty();
  }

  public Kind kind() {
    return this == ANTHROPIC ? Kind.ANTHROPIC : Kind.OPENAI;
  }

  /**
   * Whether the model runs on a machine of the operator's, perhaps without a graphics card. Its
   * time limits are minutes.
   */
  public boolean isLocal() {
    return this == OLLAMA || this == LM_STUDIO || this == LLAMA_CPP || this == VLLM;
  }

  /** Beginnings of the names of models, the best default first, for an endpoint's own list. */
  List<String> preferred() {
    return preferred.isEmpty() ? List.of() : List.of(preferred.split(" ", -1));
  }

  public static Optional<Preset> of(String name) {
    return Arrays.stream(values()).filter(preset -> preset.wire.equals(name)).findFirst();
  }

  /** The names of all presets, for error messages. */
  public static String names() {
    return Arrays.stream(values()).map(Preset::wire).collect(Collectors.joining(", "));
  }
}
