package dev.gyre.decoding;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What other libraries write into generation_config.json, and what of it matters here. */
public final class ForeignOptions {

    /** They change speed, memory or what is returned beside the sequences, never the sequences. */
    private static final Set<String> HARMLESS = Set.of(
            "_from_model_config",
            "transformers_version",
            "use_cache",
            "cache_implementation",
            "cache_config",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "output_logits",
            "return_dict_in_generate",
            "low_memory",
            "max_matching_ngram_size",
            "num_assistant_tokens",
            "num_assistant_tokens_schedule",
            "assistant_confidence_threshold",
            "compile_config",
            "disable_compile",
            "is_assistant",
            "trust_remote_code");

    /** Options that are not supported, with the value at which they do nothing. */
    private static final Map<String, Object> NEUTRAL = Map.ofEntries(
            Map.entry("typical_p", 1.0),
            Map.entry("epsilon_cutoff", 0.0),
            Map.entry("eta_cutoff", 0.0),
            Map.entry("penalty_alpha", 0.0),
            Map.entry("guidance_scale", 1.0),
            Map.entry("remove_invalid_values", false),
            Map.entry("token_healing", false));

    /**
     * @param options what is known
     * @param unsupported {@code name=value} of what would change the result and is not supported
     */
    public record Reading(GenerationOptions options, List<String> unsupported) {
        public Reading {
            unsupported = List.copyOf(unsupported);
        }
    }

    private ForeignOptions() {}

    /**
     * Reads a JSON object of options by their Hugging Face names.
     *
     * @throws IllegalArgumentException in one line, if the value of a known option cannot be one
     */
    public static Reading read(Map<String, ?> json) {
        GenerationOptions.Builder builder = GenerationOptions.builder();
        List<String> unsupported = new ArrayList<>();
        json.forEach((name, value) -> {
            Option<?> option = Option.named(name);
            if (option != null && value == null) {
                builder.none(option);
            } else if (option != null) {
                builder.parse(option, value);
            } else if (value != null && !HARMLESS.contains(name) && !neutral(name, value)) {
                unsupported.add(name + "=" + value);
            }
        });
        return new Reading(builder.build(), unsupported);
    }

    private static boolean neutral(String name, Object value) {
        Object nothing = NEUTRAL.get(name);
        return value instanceof Number n ? Objects.equals(nothing, n.doubleValue()) : value.equals(nothing);
    }
}
