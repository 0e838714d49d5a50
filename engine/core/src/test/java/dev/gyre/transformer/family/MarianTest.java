package dev.gyre.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.graph.Activation;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Failures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarianTest {

    /** Odd on purpose: three heads, sides of different depth, more heads and columns in the decoder. */
    private static final String CONFIG = """
            {"model_type": "marian", "d_model": 48, "vocab_size": 131, "decoder_vocab_size": 131,
             "encoder_layers": 3, "decoder_layers": 2, "encoder_attention_heads": 3, "decoder_attention_heads": 6,
             "encoder_ffn_dim": 100, "decoder_ffn_dim": 52, "activation_function": "swish", "scale_embedding": true,
             "max_position_embeddings": 64, "share_encoder_decoder_embeddings": true, "tie_word_embeddings": true,
             "static_position_embeddings": true, "normalize_before": false, "forced_eos_token_id": null}
            """;

    @TempDir
    Path folder;

    @Test
    void readsAnOddModel() {
        Description description = describe(CONFIG, "model.shared.weight", "final_logits_bias");
        Transformer model = description.transformer();
        assertEquals(3, model.encoder().layers().size());
        assertEquals(2, model.decoder().layers().size());
        Layer source = model.encoder().layers().getFirst();
        Layer target = model.decoder().layers().getLast();
        assertEquals(3, source.self().heads());
        assertEquals(16, source.self().headSize());
        assertEquals(6, Objects.requireNonNull(target.cross()).heads());
        assertEquals(100, source.feedForward().up().outputs());
        assertEquals(52, target.feedForward().up().outputs());
        assertEquals(Activation.SWISH, target.feedForward().activation());
        assertEquals(NormPlacement.POST, target.placement());
        assertEquals(
                "model.decoder.layers.1.encoder_attn.out_proj.weight",
                target.cross().output().weight().name());
        assertNull(model.encoder().finalNorm());
        assertEquals((float) Math.sqrt(48), model.encoder().embedding().scale());
        assertEquals(131, model.output().outputs());
        assertEquals("final_logits_bias", model.output().bias().name());
        assertEquals(64, model.maxSource());
        assertEquals(1, description.computed().size(), "one table serves both sides");
        assertTrue(description.harmless().test("model.encoder.embed_tokens.weight"));
    }

    @ParameterizedTest
    @CsvSource({
        // shared, tied, the tensors of the file, tables of encoder, decoder and output
        "true, true, model.shared.weight, model.shared.weight, model.shared.weight, model.shared.weight",
        "true, true, lm_head.weight, lm_head.weight, lm_head.weight, lm_head.weight",
        "true, true, model.decoder.embed_tokens.weight, model.decoder.embed_tokens.weight, "
                + "model.decoder.embed_tokens.weight, model.decoder.embed_tokens.weight",
        "true, false, model.shared.weight lm_head.weight, model.shared.weight, model.shared.weight, lm_head.weight",
        "false, true, model.encoder.embed_tokens.weight model.decoder.embed_tokens.weight, "
                + "model.encoder.embed_tokens.weight, model.decoder.embed_tokens.weight, "
                + "model.decoder.embed_tokens.weight",
        "false, false, model.encoder.embed_tokens.weight model.decoder.embed_tokens.weight lm_head.weight, "
                + "model.encoder.embed_tokens.weight, model.decoder.embed_tokens.weight, lm_head.weight",
    })
    void findsTheTables(boolean shared, boolean tied, String tensors, String source, String target, String output) {
        String config = CONFIG.replace(
                        "\"share_encoder_decoder_embeddings\": true", "\"share_encoder_decoder_embeddings\": " + shared)
                .replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": " + tied);
        Transformer model = describe(config, tensors.split(" ")).transformer();
        assertEquals(source, model.encoder().embedding().table().name());
        assertEquals(target, model.decoder().embedding().table().name());
        assertEquals(output, model.output().weight().name());
        assertNull(model.output().bias(), "the file has no final_logits_bias");
    }

    @Test
    void prefersPositionsOfTheFile() {
        Description description = describe(CONFIG, "model.shared.weight", "model.encoder.embed_positions.weight");
        Transformer model = description.transformer();
        assertEquals(
                "model.encoder.embed_positions.weight",
                Objects.requireNonNull(model.encoder().embedding().positions()).name());
        assertNotNull(model.decoder().embedding().positions());
        assertEquals(
                description.computed().getFirst().name(),
                model.decoder().embedding().positions().name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"d_model\": 48 | \"d_model\": 0 | d_model is 0; it must be a whole number from 1 to 16777216",
                "\"d_model\": 48 | \"d_model\": 2147483648 | d_model is 2147483648",
                "\"d_model\": 48 | \"d_model\": 48.5 | d_model is 48.5",
                "\"d_model\": 48 | \"d_model\": \"48\" | d_model is \"48\"",
                "\"d_model\": 48, | | no field d_model",
                "\"d_model\": 48 | \"d_model\": null | no field d_model",
                "\"encoder_layers\": 3 | \"encoder_layers\": 100000 | encoder_layers is 100000; it must be a whole number from 1 to 1024",
                "\"encoder_layers\": 3 | \"encoder_layers\": -1 | encoder_layers is -1",
                "\"encoder_attention_heads\": 3 | \"encoder_attention_heads\": 5 | encoder_attention_heads is 5; it must divide the width 48",
                "\"vocab_size\": 131 | \"vocab_size\": 130 | vocab_size 130 and decoder_vocab_size 131 must be equal",
                "\"swish\" | \"mish\" | activation_function is \"mish\"; it must be one of gelu, ",
                "\"scale_embedding\": true | \"scale_embedding\": 1 | scale_embedding is 1; it must be true or false",
                "\"max_position_embeddings\": 64 | \"max_position_embeddings\": 0 | max_position_embeddings is 0",
            })
    void refusesFieldsThatCannotBe(String from, String to, String message) {
        String config = CONFIG.replace(from, to == null ? "" : to);
        Failures.assertOneLine(() -> describe(config, "model.shared.weight"), "config.json", message);
    }

    private Description describe(String json, String... tensors) {
        try {
            Path file = Files.writeString(folder.resolve("config.json"), json);
            Config config = Config.read(file);
            return Families.of(config).describe(config, NamedTensors.of(tensors));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
