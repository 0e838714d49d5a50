package dev.gyre.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.tokens.SentencePieceTokenizer;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.tokens.Tokenizers;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.transformer.family.Config;
import dev.gyre.transformer.family.Description;
import dev.gyre.transformer.family.Families;
import dev.gyre.transformer.family.Family;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A folder as {@code save_pretrained} writes it. */
final class HuggingFaceDirectory {

    /** Fields of config.json that say how the weights were quantised. */
    private static final List<String> QUANTISED = List.of("quantization_config", "compression_config");

    private HuggingFaceDirectory() {}

    static ModelDirectory open(Path folder, Config config) {
        Family family = Families.of(config);
        requirePlain(config);
        if (!Safetensors.isIn(folder)) {
            if (Files.exists(folder.resolve("pytorch_model.bin"))) {
                throw new ModelFormatException(folder + " has its weights in pytorch_model.bin only, a format that can "
                        + "run code and is not read; in Python, transformers' AutoModelForSeq2SeqLM.from_pretrained("
                        + "folder).save_pretrained(folder) writes model.safetensors");
            }
            throw new ModelFormatException(
                    "there is no file " + folder.resolve("model.safetensors") + "; " + ModelDirectory.CONTENTS);
        }
        Checkpoint stored = Safetensors.open(folder);
        Tokenizer tokenizer = null;
        try {
            Description description = family.describe(config, stored);
            Transformer transformer = description.transformer();
            GenerationDefaults defaults = GenerationDefaults.read(folder, config);
            int source = vocabulary(transformer.encoder(), transformer.decoder());
            int target = vocabulary(transformer.decoder(), transformer.encoder());
            tokenizer = Tokenizers.open(folder, config, source, target).orElse(null);
            OptionalInt unknown =
                    tokenizer instanceof SentencePieceTokenizer marian ? marian.unknownId() : OptionalInt.empty();
            SpecialTokens special = special(defaults, GenerationDefaults.of(config), target, unknown);
            return new ModelDirectory(folder, description, stored, special, defaults, tokenizer);
        } catch (RuntimeException e) {
            stored.close();
            if (tokenizer != null) {
                tokenizer.close();
            }
            throw e;
        }
    }

    /** No way of quantising that transformers knows is read here. */
    private static void requirePlain(Config config) {
        for (String field : QUANTISED) {
            JsonNode given = config.get(field);
            if (given != null) {
                String method = given.path("quant_method").asText("");
                throw new ModelFormatException(config.where() + ": " + field
                        + (method.isEmpty() ? " is given" : " has quant_method \"" + method + "\"")
                        + ", and quantised weights of that kind are not read: take the model in float32, float16 or"
                        + " bfloat16 (in Python, model.dequantize() and save_pretrained(folder) write it);"
                        + " --compute-type int8 then quantises it on the device");
            }
        }
    }

    private static int vocabulary(@Nullable Stack stack, @Nullable Stack otherwise) {
        return (stack != null ? stack : Objects.requireNonNull(otherwise)).vocabulary();
    }

    private static SpecialTokens special(
            GenerationDefaults defaults, GenerationDefaults config, int vocabulary, OptionalInt unknown) {
        return new SpecialTokens(
                either("bos_token_id", defaults, config).id("bos_token_id", vocabulary),
                either("eos_token_id", defaults, config).ids("eos_token_id", vocabulary),
                either("pad_token_id", defaults, config).id("pad_token_id", vocabulary),
                unknown,
                either("decoder_start_token_id", defaults, config).id("decoder_start_token_id", vocabulary),
                defaults.id("forced_bos_token_id", vocabulary),
                defaults.ids("forced_eos_token_id", vocabulary));
    }

    /** The configuration of generation comes first. */
    private static GenerationDefaults either(String field, GenerationDefaults defaults, GenerationDefaults config) {
        return defaults.has(field) ? defaults : config;
    }
}
