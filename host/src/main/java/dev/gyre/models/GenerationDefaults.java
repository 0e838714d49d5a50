package dev.gyre.models;

import dev.gyre.transformer.family.Config;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a model's publisher sets for {@code generate()}: the fields of generation_config.json, or, where there is no
 * such file, those fields of config.json that older models keep them in. Names are those of Hugging Face.
 *
 * @param where the file, for messages
 * @param fields name → number, boolean, string, or list or map of these; nulls left out
 */
public record GenerationDefaults(String where, Map<String, Object> fields) {

    private static final String FILE = "generation_config.json";

    /** Fields of GenerationConfig, as in transformers 5. */
    private static final Set<String> NAMES = Set.of(
            "max_length",
            "max_new_tokens",
            "min_length",
            "min_new_tokens",
            "early_stopping",
            "do_sample",
            "num_beams",
            "temperature",
            "top_k",
            "top_p",
            "min_p",
            "typical_p",
            "epsilon_cutoff",
            "eta_cutoff",
            "repetition_penalty",
            "encoder_repetition_penalty",
            "length_penalty",
            "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size",
            "bad_words_ids",
            "renormalize_logits",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "remove_invalid_values",
            "exponential_decay_length_penalty",
            "suppress_tokens",
            "begin_suppress_tokens",
            "num_return_sequences",
            "num_beam_groups",
            "diversity_penalty",
            "pad_token_id",
            "bos_token_id",
            "eos_token_id",
            "decoder_start_token_id");

    public GenerationDefaults {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    static GenerationDefaults read(Path folder, Config config) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return of(config);
        }
        Config source = Config.read(file);
        return new GenerationDefaults(source.where(), present(source, name -> true));
    }

    /** The fields of a config.json that belong to generation. */
    static GenerationDefaults of(Config config) {
        return new GenerationDefaults(config.where(), present(config, NAMES::contains));
    }

    private static Map<String, Object> present(Config config, Predicate<String> wanted) {
        Map<String, Object> fields = new LinkedHashMap<>();
        config.fields().properties().forEach(e -> {
            if (!e.getValue().isNull() && wanted.test(e.getKey())) {
                fields.put(e.getKey(), Json.plain(e.getValue()));
            }
        });
        return fields;
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    /**
     * An id of the vocabulary.
     *
     * @throws ModelFormatException if the field is there and is not one
     */
    OptionalInt id(String field, int vocabulary) {
        List<Integer> ids = ids(field, vocabulary);
        if (ids.size() > 1) {
            throw new ModelFormatException(where + ": " + field + " must be one id, not " + ids.size());
        }
        return ids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ids.getFirst());
    }

    /** As {@link #id}, of a field that is one id or an array of them. */
    List<Integer> ids(String field, int vocabulary) {
        Object value = fields.get(field);
        if (value == null) {
            return List.of();
        }
        List<Integer> ids = new ArrayList<>();
        for (Object id : value instanceof List<?> list ? list : List.of(value)) {
            if (!(id instanceof Integer number) || number < 0 || number >= vocabulary) {
                throw new ModelFormatException(where + ": " + field + " is " + value
                        + "; ids of this model are whole numbers from 0 to " + (vocabulary - 1));
            }
            ids.add(number);
        }
        return ids;
    }
}
