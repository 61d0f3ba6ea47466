package dev.parlor.model;

import static dev.parlor.model.RecordedStreamsIT.answer;
import static dev.parlor.model.RecordedStreamsIT.ends;
import static dev.parlor.model.RecordedStreamsIT.fails;
import static dev.parlor.model.RecordedStreamsIT.said;
import static dev.parlor.model.RecordedStreamsIT.thoughtful;

import dev.parlor.model.RecordedStreamsIT.Case;
import java.util.List;
import java.util.stream.Stream;

/** Further cases of {@link RecordedStreamsIT}: the variants of frames, JSON, choices and errors. */
final class FurtherAnswers {
  private static final String CUT = "the connection to the model broke in the middle of the answer";

  private FurtherAnswers() {}

  /** Lines, events and chunks. */
  static Stream<Case> framing() {
    return Stream.of(
        answer("Hello", "proxy-no-space"),
        answer("Hello", "proxy-crlf"),
        answer("Hello", "proxy-no-done"),
        answer("Hello", "proxy-data-twice"),
        answer("Hello", "proxy-done-in-quotes"),
        ends(ModelEnding.EMPTY, "", "proxy-done-only"),
        answer("Hello", "proxy-two-objects-in-event"),
        answer("Hello", "proxy-named-events"),
        answer("Hello", "proxy-array-of-chunks"),
        answer("Hello", "proxy-array-on-one-line"),
        answer("Hello", "proxy-whole-in-array"),
        answer("Otter \ud83e\udda6!", "proxy-chunk-inside-character"),
        fails(CUT, "Hel", "proxy-cut-inside-character"),
        fails(CUT, "Hel", "proxy-chunk-missing"),
        fails(CUT, "Hel", "proxy-length-too-long"),
        answer("Hello", "proxy-early-hints"),
        answer("Hello", "proxy-encoding-utf-8"),
        fails("the model endpoint closed the connection without an answer", "", "proxy-204"),
        answer("Hello", "openrouter-blank-lines-before-json"),
        answer("Hello", "vllm-not-a-number"),
        said("CUDA out of memory", "", "proxy-python-error"),
        answer("Tab:\there 'quoted'", "proxy-control-characters"));
  }

  /** Choices, their content and their finish reasons. */
  static Stream<Case> choices() {
    return Stream.of(
        thoughtful("Hm.", "litellm-choice-index"),
        answer("Hello", "openai-two-choices"),
        answer("Hello", "openai-two-choices-in-turn"),
        answer("Hello", "openai-null-delta"),
        ends(ModelEnding.EMPTY, "", "openai-empty-choices"),
        ends(ModelEnding.EMPTY, "", "openai-whole-null-content"),
        new Case(List.of("openai-whole-refusal"), "REFUSAL", "", "", "I can't help."),
        ends(ModelEnding.CONTENT_FILTER, "", "openai-whole-content-filter"),
        ends(ModelEnding.TOOL_CALLS, "", "openai-function-call"),
        answer("Hello", "perplexity-delta-and-message"),
        answer("Hello", "text-completion"),
        thoughtful("Hm.", "databricks-content-parts"),
        answer("Hello", "cloudflare-response"),
        ends(ModelEnding.LENGTH, "Hel", "gemini-upper-case-reason"),
        ends(ModelEnding.CONTENT_FILTER, "Hel", "gemini-safety"),
        ends(ModelEnding.CONTENT_FILTER, "Hel", "zhipu-sensitive"),
        new Case(List.of("vllm-abort"), "OTHER", "Hel", "", "abort"),
        answer("Hello", "tgi-eos-token"));
  }

  /** Errors inside a 200, and errors with a status. */
  static Stream<Case> errors() {
    var ok = RecordedStreamsIT.OK;
    return Stream.of(
        said("insufficient balance", "", "minimax-base-resp"),
        said("Invalid API-key provided.", "", "dashscope-code-and-message"),
        said("token expired or incorrect", "", "zhipu-code-and-msg"),
        said("Model reloaded.", "", "lm-studio-named-error-frame"),
        said("Budget has been exceeded! Current cost: 5.1", "", "proxy-error-over-lines"),
        said("litellm.APIConnectionError: Connection closed", "Hel", "litellm-error-in-stream"),
        said("Unexpected endpoint or method. (POST /chat/completions)", "", "lm-studio-wrong-path"),
        fails(
            "the model endpoint answered 429: You exceeded your current quota, please check your"
                + " plan and billing details.",
            "",
            "openai-quota"),
        answer("Hello", "openai-retry-after-past-date", ok),
        answer("Hello", "openai-retry-after-seconds", ok),
        answer("Hello", "openai-retry-after-words", ok),
        answer("Hello", "openai-retry-after-negative", ok),
        fails(
            "the model endpoint answered 429: Rate limit reached; it asks to try again in"
                + " 999999999 s",
            "",
            "openai-retry-after-huge"),
        fails(
            "the model endpoint answered 429: You exceeded your current quota.; it asks to try"
                + " again in 34 s",
            "",
            "gemini-retry-info"),
        fails("the model endpoint answered 422: field required", "", "fastapi-422"),
        fails("the model endpoint answered 413: Request Entity Too Large", "", "nginx-413"),
        fails(
            "the model endpoint answered 401: Unauthorized: missing gateway token",
            "",
            "proxy-401-plain"),
        fails("the model endpoint answered 401", "", "ollama-401-empty"),
        fails(
            "the model endpoint answered 301: it has moved to"
                + " https://models.example/v1/chat/completions; change its URL",
            "",
            "proxy-redirect"),
        answer("Hello", "huggingface-loading", ok));
  }

  /** Anthropic's messages interface, and proxies of it. */
  static Stream<Case> messages() {
    var ok = RecordedStreamsIT.OK_ANTHROPIC;
    return Stream.of(
        answer("Hello", "anthropic-no-message-stop"),
        fails(
            "the model endpoint closed the connection without an answer",
            "",
            "anthropic-only-start"),
        fails(CUT, "Hel", "anthropic-cut"),
        answer("Hello", "anthropic-data-only"),
        answer("Hello", "anthropic-stop-sequence"),
        said(
            "Your credit balance is too low to access the Anthropic API.",
            "",
            "anthropic-error-200"),
        said("upstream closed the stream", "", "anthropic-proxy-error"),
        ends(ModelEnding.EMPTY, "", "anthropic-empty-text"),
        answer("Hello", "anthropic-two-blocks"),
        new Case(List.of("anthropic-only-thinking"), "THOUGHTS", "", "Hm.", ""),
        answer("Hello", "anthropic-retry-after", ok));
  }

  /** More choices, thoughts and lines. */
  static Stream<Case> more() {
    return Stream.of(
        answer("Hello", "openai-usage-null-each"),
        answer("Hello", "openai-usage-in-each-frame"),
        answer("Hello", "openai-annotations"),
        answer("Hello", "openai-error-null"),
        answer("Hello", "proxy-error-empty-text"),
        answer("Hello", "proxy-status-success"),
        answer("Hello", "proxy-data-wrapped"),
        answer("Hello\n<think>no thoughts</think>", "deepseek-think-after-answer"),
        answer("Hello", "qwen-empty-think"),
        answer("Hello", "vllm-reasoning-null"),
        thoughtful("Hm.", "vllm-two-thought-fields"),
        answer("Hello", "openrouter-encrypted-reasoning"),
        answer("Hello", "proxy-null-frame"),
        answer("Hello", "proxy-comment-flood"),
        answer("Hello", "proxy-space-before-field"),
        answer("Hello", "proxy-upper-case-field"),
        answer("Hello", "proxy-mixed-bare-and-data"),
        answer("Hello", "proxy-json-text-label-charset"),
        answer("Otter \ud83e\udda6!", "proxy-surrogate-pairs-escaped"),
        new Case(List.of("ollama-done-load"), "OTHER", "", "", "load"),
        ends(ModelEnding.LENGTH, "Hel", "ollama-length"),
        answer("Hello", "llama.cpp-stop-frame"),
        answer("Hello", "proxy-anthropic-frames"));
  }

  /** More errors. */
  static Stream<Case> moreErrors() {
    var ok = RecordedStreamsIT.OK;
    return Stream.of(
        said(
            "Provider disconnected",
            "",
            "openrouter-blank-error-code",
            "openrouter-blank-error-code",
            "openrouter-blank-error-code"),
        fails(
            "the model endpoint answered 403: Your chosen model requires moderation and your input was flagged",
            "",
            "openrouter-moderation"),
        fails(
            "the model endpoint answered 400: The model returned the following errors: messages: at least one message is required",
            "",
            "bedrock-validation"),
        fails(
            "the model endpoint answered 400: The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            "",
            "azure-content-filter-400"),
        fails(
            "the model endpoint answered 404: The API deployment for this resource does not exist.",
            "",
            "azure-deployment-missing"),
        fails(
            "the model endpoint answered 400: Invalid JSON payload received.",
            "",
            "vertex-error-status"),
        fails("the model endpoint answered 404: model 'command' was removed", "", "cohere-message"),
        answer("Hello", "nginx-502", ok),
        answer("Hello", "envoy-503", ok),
        answer("Hello", "caddy-empty-502", ok),
        answer("Hello", "aws-408", ok),
        answer("Hello", "openai-409", ok),
        answer("Hello", "proxy-425", ok),
        fails(
            "the model endpoint answered with a web page; its URL may be wrong",
            "",
            "proxy-html-in-event"),
        fails(
            "the model endpoint answered 404: model 'x' not found",
            "",
            "ollama-native-error-status"),
        said("Channel Error", "", "lm-studio-channel-error"),
        said("an error without a message", "", "proxy-error-object-alone"),
        fails(
            "the model endpoint sent no answer, only: Error: the worker was killed",
            "",
            "proxy-plain-error-line"),
        fails(
            "the model endpoint answered 422: Template error: unknown method: string has no method named strip",
            "",
            "tgi-template-error"));
  }

  /** Refusals of a parameter: the request is sent again without it. */
  static Stream<Case> refusals() {
    var ok = RecordedStreamsIT.OK;
    return Stream.of(
        answer("Hello", "litellm-unexpected-argument", ok),
        answer("Hello", "proxy-501-stream", "openai-whole"),
        answer("Hello", "llama.cpp-python-unknown-field", ok),
        answer("Hello", "go-unknown-field", ok),
        answer("Hello", "zod-unrecognized-key", ok),
        fails(
            "the model endpoint answered 500: The stream broke",
            "",
            "proxy-500-stream-broken",
            "proxy-500-stream-broken",
            "proxy-500-stream-broken"));
  }

  /** More of Anthropic's interface. */
  static Stream<Case> moreMessages() {
    return Stream.of(
        answer("Hello", "anthropic-message-delta-null"),
        answer("Hello", "anthropic-web-search"),
        fails(
            "the model endpoint answered 413: Request exceeds the maximum size",
            "",
            "anthropic-413"),
        said("Internal server error", "", "anthropic-error-event-string"),
        answer("Hello", "anthropic-openai-frames"));
  }

  /** Proxies of all kinds. */
  static Stream<Case> proxies() {
    return Stream.of(
        answer("Hello", "proxy-frames-that-are-no-answer"),
        answer("Hello", "proxy-text-plain"),
        answer("Hello", "proxy-json-label"),
        answer("Hello", "proxy-octet-stream"),
        answer("Hello", "proxy-ndjson-label"),
        answer("Hello", "proxy-no-label"),
        answer("Hello", "proxy-chunks-without-data"),
        answer("Hello } {\" [DONE]", "proxy-whole-then-done"),
        answer("Hello } {\" [DONE]", "proxy-whole-then-done-same-line"),
        answer("Hello } {\" [DONE]", "proxy-whole-pretty"),
        answer("Hello", "proxy-whole-in-event"),
        answer("Hello", "proxy-gzip"),
        answer("Hello", "proxy-gzip-unlabelled"),
        answer("Hello", "proxy-gzip-label-only"),
        answer("Hello", "proxy-deflate"),
        fails("the model endpoint answered 404: No such model", "", "proxy-gzip-error"),
        fails(
            "the model endpoint compressed its answer with br, which the request did not ask for",
            "",
            "proxy-brotli"),
        answer("Hello", "proxy-single-line-ends"),
        answer("Hello", "proxy-carriage-returns"),
        answer("Hello", "proxy-byte-order-mark"),
        answer("Hello", "proxy-json-over-lines"),
        fails(
            "the model endpoint answered with a web page; its URL may be wrong",
            "",
            "proxy-web-page"),
        fails(
            "the model endpoint sent no answer, only: upstream connect error or disconnect/reset"
                + " before headers",
            "",
            "proxy-plain-words"),
        fails(
            "the connection to the model broke in the middle of the answer",
            "Hel",
            "proxy-cut-frame"),
        fails("the model endpoint closed the connection without an answer", "", "proxy-empty"),
        answer("Hello", "proxy-error-after-end"),
        answer("Hello", "proxy-unnamed-parameter-refused", RecordedStreamsIT.OK));
  }

  /** OpenRouter. */
  static Stream<Case> openRouter() {
    return Stream.of(
        answer("Hello", "openrouter-comments"),
        said("Provider disconnected unexpectedly", "Hel", "openrouter-error-finish"),
        fails("the model ended with an error", "Hel", "openrouter-finish-error-alone"),
        said("Upstream idle timeout exceeded", "Hel", "openrouter-finish-error-then-words"),
        said(
            "Upstream error from Targon: overloaded",
            "",
            "openrouter-choice-error",
            "openrouter-choice-error",
            "openrouter-choice-error"),
        said(
            "Provider returned error: prompt is too long: 210000 tokens > 200000 maximum",
            "",
            "openrouter-upstream-words"),
        answer("Hello", "openrouter-busy-in-stream", RecordedStreamsIT.OK),
        thoughtful("Let me think.", "openrouter-reasoning"),
        fails(
            "the model endpoint answered 402: Insufficient credits. Add more using"
                + " https://openrouter.ai/settings/credits",
            "",
            "openrouter-credits"));
  }

  /** Programs on a machine of the operator. */
  static Stream<Case> local() {
    return Stream.of(
        said(
            "model runner has unexpectedly stopped, this may be due to resource limitations",
            "",
            "ollama-error-frame",
            "ollama-error-frame",
            "ollama-error-frame"),
        said(
            "model requires more system memory (8.4 GiB) than is available (5.1 GiB)",
            "",
            "ollama-error-line"),
        said(
            "an error was encountered while running the model: unexpected EOF",
            "Hel",
            "ollama-error-line-after-text"),
        answer("Hello", "ollama-ndjson"),
        thoughtful("Hm.", "ollama-thinking"),
        fails(
            "the model endpoint answered 404: model \"llama3\" not found, try pulling it first:"
                + " ollama pull llama3 (see ollama.com)",
            "",
            "ollama-short-key"),
        said(
            "The model has crashed without additional information. (Exit code:"
                + " 18446744072635812000)",
            "",
            "lm-studio-event-error"),
        said(
            "Trying to keep the first 9000 tokens when context the overflows. However, the model is"
                + " loaded with context length of only 4096 tokens.",
            "",
            "lm-studio-error-text"),
        said("Model unloaded.", "Hel", "lm-studio-error-string"),
        said(
            "the request exceeds the available context size. try increasing the context size or"
                + " enable context shift",
            "",
            "llama.cpp-error-field"),
        said("Context size has been exceeded.", "Hel", "llama.cpp-error-field-after-text"),
        said(
            "request (5010 tokens) exceeds the available context size (4096 tokens)",
            "",
            "llama.cpp-error-frame"),
        answer("Hello", "llama.cpp-loading", RecordedStreamsIT.OK),
        thoughtful("Let me think.", "llama.cpp-reasoning"),
        answer("Hello", "llama.cpp-timings"),
        answer("Hello", "vllm-error-frame", RecordedStreamsIT.OK),
        said(
            "EngineCore encountered an issue. See stack trace for the root cause.",
            "Hel",
            "vllm-error-object"),
        answer("Hello", "vllm-stream-options-refused", RecordedStreamsIT.OK),
        thoughtful("Let me think.", "vllm-think-tags"),
        thoughtful("Let me think.", "vllm-unopened-think"),
        new Case(List.of("vllm-only-thoughts"), "THOUGHTS", "", "Hm, hm", ""),
        answer("Write `<think>` first and `</think>` last.", "vllm-explains-tags"),
        said("Request failed during generation: Server error: CANCELLED", "", "tgi-error-frame"));
  }
}
